/**
 * The named profiles: what NIST SP 800-63B-4 and the OWASP session management sheet ask of sessions at each level of
 * assurance, rule by rule with its source. Where the default without a profile is stricter, it stays (decision 026).
 */
import type { Level } from "./standing.ts";

export type ProfileName = "aal1" | "aal2" | "aal3" | "high-value";

/** The options that a profile has a say in. `remember` as a whole: whether people may be remembered at all. */
export type RuledOption =
  | "idleTimeout"
  | "absoluteTimeout"
  | "remember"
  | "remember.absoluteTimeout"
  | "rotation"
  | "onTheft"
  | "cookie.sameSite"
  | "cookie.domain"
  | "csrf.token"
  | "csrf.reportOnly"
  | "url";

/** At most so many milliseconds; one of these words, the first being the default; or: not to be set. */
export type Demand = { readonly atMostMs: number } | { readonly oneOf: readonly unknown[] } | "none";

interface Rule {
  readonly option: RuledOption;
  readonly asks: Demand;
  readonly source: string;
  /** What the source says with SHALL. Anything else can be set aside by naming the option in `accept`. */
  readonly isBinding: boolean;
}

export interface Profile {
  readonly name: ProfileName;
  /** A login below it is refused. */
  readonly leastLevel: { readonly level: Exclude<Level, 0>; readonly source: string };
  /** What `requireFresh()` without an argument means. */
  readonly fresh: { readonly ms: number; readonly source: string };
  readonly rules: readonly Rule[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const NIST = "NIST SP 800-63B-4";
const OWASP = "OWASP Session Management Cheat Sheet";
const OWASP_CSRF = "OWASP CSRF Prevention Cheat Sheet";
const OURS = "ours: the sources give no number";

const shall = (option: RuledOption, asks: Demand, source: string): Rule => ({
  option,
  asks,
  source,
  isBinding: true,
});
const should = (option: RuledOption, asks: Demand, source: string): Rule => ({
  option,
  asks,
  source,
  isBinding: false,
});

/** Section 5.1, which holds at every level. */
const NIST_SESSIONS: readonly Rule[] = [
  shall("csrf.token", { oneOf: ["always"] }, `${NIST} 5.1: POST content carries a value that is verified`),
  shall("csrf.reportOnly", { oneOf: [false] }, `${NIST} 5.1: as above`),
  should("cookie.sameSite", { oneOf: ["lax", "strict"] }, `${NIST} 5.1.1 (6)`),
  should("cookie.domain", "none", `${NIST} 5.1.1 (2) and (5): fewest hosts, __Host- prefix`),
];

const ROTATED = should(
  "rotation",
  { atMostMs: 15 * MINUTE },
  `${OWASP}: renewal timeout; the number is ours`,
);
const THEFT_ENDS = should("onTheft", { oneOf: ["end"] }, `${NIST} 5.3: act when fraud is detected`);
const NOT_REMEMBERED = `${NIST} 5.1: "remember my browser" is no authentication; secrets are not persistent`;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  aal1: {
    name: "aal1",
    leastLevel: { level: 1, source: `${NIST} 2.1` },
    fresh: { ms: 5 * MINUTE, source: OURS },
    rules: [
      should("absoluteTimeout", { atMostMs: 30 * DAY }, `${NIST} 2.1.3`),
      should("remember.absoluteTimeout", { atMostMs: 30 * DAY }, `${NIST} 2.1.3`),
      ...NIST_SESSIONS,
    ],
  },
  aal2: {
    name: "aal2",
    leastLevel: { level: 2, source: `${NIST} 2.2` },
    fresh: { ms: 5 * MINUTE, source: OURS },
    rules: [
      should("idleTimeout", { atMostMs: HOUR }, `${NIST} 2.2.3`),
      should("absoluteTimeout", { atMostMs: 24 * HOUR }, `${NIST} 2.2.3`),
      shall("remember", "none", NOT_REMEMBERED),
      ROTATED,
      THEFT_ENDS,
      ...NIST_SESSIONS,
    ],
  },
  aal3: {
    name: "aal3",
    leastLevel: { level: 3, source: `${NIST} 2.3` },
    fresh: { ms: 5 * MINUTE, source: OURS },
    rules: [
      should("idleTimeout", { atMostMs: 15 * MINUTE }, `${NIST} 2.3.3`),
      shall("absoluteTimeout", { atMostMs: 12 * HOUR }, `${NIST} 2.3.3`),
      shall("remember", "none", NOT_REMEMBERED),
      ROTATED,
      THEFT_ENDS,
      ...NIST_SESSIONS,
    ],
  },
  "high-value": {
    name: "high-value",
    leastLevel: { level: 2, source: "OWASP ASVS 6.3.3: several factors" },
    fresh: { ms: 2 * MINUTE, source: OURS },
    rules: [
      should("idleTimeout", { atMostMs: 5 * MINUTE }, `${OWASP}: 2 to 5 minutes`),
      should("absoluteTimeout", { atMostMs: 8 * HOUR }, `${OWASP}: 4 to 8 hours`),
      should("remember", "none", `${OWASP}: non-persistent cookies`),
      ROTATED,
      THEFT_ENDS,
      should("csrf.token", { oneOf: ["always"] }, `${OWASP_CSRF}: synchronizer token`),
      should("csrf.reportOnly", { oneOf: [false] }, OWASP_CSRF),
      should("cookie.sameSite", { oneOf: ["strict", "lax"] }, `${OWASP}: SameSite, Strict preferred`),
      should("cookie.domain", "none", `${OWASP}: Domain and Path attributes`),
      should("url", "none", "OWASP ASVS 14.2.1: no session tokens in addresses"),
    ],
  },
};
