/** The options of a manager: every key known, every value possible, nothing unsafe in production unless named. */
import { InvalidOptionError } from "../errors.ts";
import type { Guarantees, SessionStore } from "../stores/contract.ts";
import { MOST_ACCOUNTS } from "./accounts.ts";
import { readBreaker } from "./breaker.ts";
import { refuseUncarried } from "./carried-options.ts";
import { durationOption } from "./duration.ts";
import type { LifetimeMs, Settings } from "./engine.ts";
import type { SessionOptions } from "./manager-types.ts";
import { defaultMode, type Mode, refusePlaintext } from "./mode.ts";
import { oneOf, refuseUnknownKeys } from "./option-checks.ts";
import { DEFAULT_NAME } from "./owned-store.ts";
import {
  ACCEPTABLE_RULES,
  boundsOf,
  type Defaults,
  defaultsUnder,
  mayRemember,
  profileOf,
  refuseWeaker,
} from "./profile-rules.ts";
import { PROFILES } from "./profiles.ts";
import type { Lifetime } from "./types.ts";
import { readUrlSettings } from "./url-settings.ts";

export type AnyOptions = SessionOptions<Record<string, unknown>> & {
  readonly schema?: unknown;
  readonly initial?: unknown;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** NIST SP 800-63B section 2 and the OWASP session cheat sheet; see docs/threat-model.md. */
export const DEFAULTS: Defaults = {
  user: { idleMs: 30 * MINUTE, absoluteMs: 12 * HOUR },
  remember: { idleMs: 14 * DAY, absoluteMs: 90 * DAY },
  visitor: { idleMs: 7 * DAY, absoluteMs: 30 * DAY },
  rotationMs: 15 * MINUTE,
  storeTimeoutMs: 1000,
};

/** OWASP and ASVS 7.5.1 leave the number open; five minutes covers one errand. */
const FRESH_MS = 5 * MINUTE;

/** Clocks of processes on different machines differ; on one machine they are the same clock. */
const NETWORK_SKEW_MS = 5000;

const KEYS = [
  "store",
  "idleTimeout",
  "absoluteTimeout",
  "anonymous",
  "remember",
  "rotation",
  "origin",
  "trustProxy",
  "mode",
  "keepOnLogin",
  "sessionsPerUser",
  "accounts",
  "transports",
  "url",
  "cookie",
  "csrf",
  "codec",
  "version",
  "migrate",
  "onTheft",
  "devices",
  "addresses",
  "onSignal",
  "storeTimeout",
  "breaker",
  "accept",
  "clock",
  "random",
  "profile",
  "schema",
  "initial",
] as const satisfies readonly (keyof AnyOptions)[];

export function readSettings(options: AnyOptions): Settings {
  refuseUnknownKeys(options, KEYS, "");
  const accept = readAccept(options.accept);
  const mode = oneOf("mode", options.mode, ["production", "development"], defaultMode());
  checkStore(options.store, options, mode, accept);
  if (options.schema !== undefined && options.initial !== undefined) {
    throw new InvalidOptionError("initial", "give either schema or initial: a schema has its own defaults");
  }
  if (options.profile !== undefined && !profileOf(options)) {
    throw new InvalidOptionError("profile", `must be one of ${Object.keys(PROFILES).join(", ")}`);
  }
  if (mode === "production") refuseUnsafe(options, accept);
  const profile = profileOf(options);
  const defaults = defaultsUnder(profile, DEFAULTS);
  const settings: Settings = {
    name: options.cookie?.name ?? DEFAULT_NAME,
    mode,
    user: lifetime("", options, defaults.user),
    remember: lifetime("remember.", options.remember, defaults.remember),
    remembers: mayRemember(profile, accept),
    visitor: lifetime("anonymous.", options.anonymous, defaults.visitor),
    rotationMs:
      options.rotation === false || options.store.carrying
        ? null
        : durationOption("rotation", options.rotation, defaults.rotationMs),
    leastLevel: profile?.leastLevel.level ?? 1,
    freshMs: profile?.fresh.ms ?? FRESH_MS,
    profile: profile?.name ?? null,
    bounds: profile && boundsOf(profile, accept),
    keepOnLogin: readKeys(options.keepOnLogin),
    limit: readLimit(options.sessionsPerUser),
    accounts: readAccounts(options),
    endOnTheft: oneOf("onTheft", options.onTheft, ["report", "end"], "report") === "end",
    url: readUrlSettings(options, mode),
    storeTimeoutMs: durationOption("storeTimeout", options.storeTimeout, defaults.storeTimeoutMs),
    breaker: readBreaker(options.breaker),
    skewMs: options.store.guarantees.shared === "network" ? NETWORK_SKEW_MS : 0,
  };
  if (options.store.carrying) refuseUncarried(options.store.carrying, options, settings, accept);
  if (profile) refuseWeaker(profile, options, settings, accept);
  return settings;
}

/** All that `accept` may name: a word it does not know is a mistake, and would accept nothing. */
const ACCEPTABLE: readonly string[] = [
  "cas",
  "noRevival",
  "revokeUser",
  "userIndex",
  "durable",
  "random",
  "clock",
  "csrf.missingOrigin",
  ...ACCEPTABLE_RULES,
  "hsts",
];

function readAccept(accept: unknown): ReadonlySet<string> {
  if (accept === undefined) return new Set();
  if (!Array.isArray(accept) || !accept.every((name) => typeof name === "string")) {
    throw new InvalidOptionError("accept", 'must be a list of names, such as ["durable"]');
  }
  const unknown = accept.find((name) => !ACCEPTABLE.includes(name));
  if (unknown !== undefined) {
    throw new InvalidOptionError("accept", `"${unknown}" is not known. There is: ${ACCEPTABLE.join(", ")}`);
  }
  return new Set(accept);
}

const NEEDED = ["cas", "noRevival", "revokeUser"] as const satisfies readonly (keyof Guarantees)[];

function checkStore(store: SessionStore, options: AnyOptions, mode: Mode, accept: ReadonlySet<string>): void {
  if (typeof store?.load !== "function" || typeof store.guarantees !== "object") {
    throw new InvalidOptionError(
      "store",
      'is missing: give a store, such as sqliteStore("data/sessions.db")',
    );
  }
  const lacking: string[] = NEEDED.filter((name) => !store.guarantees[name]);
  if (options.sessionsPerUser && !store.guarantees.userIndex) lacking.push("userIndex");
  for (const name of lacking) {
    if (!accept.has(name)) {
      throw new InvalidOptionError(
        "store",
        `"${store.name}" does not keep the guarantee ${name}; accept: ["${name}"] takes it all the same`,
      );
    }
  }
  if (mode === "production" && store.name === "memory" && !accept.has("durable")) {
    throw new InvalidOptionError(
      "store",
      'memoryStore forgets every session at a restart; in production say accept: ["durable"], or use sqliteStore',
    );
  }
  if (mode === "production") refusePlaintext(store, "store");
}

/** What weakens production is refused, unless its name stands in `accept`. */
function refuseUnsafe(options: AnyOptions, accept: ReadonlySet<string>): void {
  const unsafe: readonly (readonly [name: string, isSet: boolean, why: string])[] = [
    ["random", options.random !== undefined, "anything guessable makes every session guessable"],
    ["clock", options.clock !== undefined, "a clock of your own decides when sessions end"],
    [
      "csrf.missingOrigin",
      options.csrf?.missingOrigin === "allow",
      "lets requests through that say nothing of where they come from",
    ],
    ["csrf.reportOnly", options.csrf?.reportOnly === true, "reports forged requests and lets them through"],
  ];
  for (const [name, isSet, why] of unsafe) {
    if (isSet && !accept.has(name))
      throw new InvalidOptionError(name, `${why}; in production say accept: ["${name}"]`);
  }
}

function lifetime(prefix: string, given: Lifetime | undefined, fallback: LifetimeMs): LifetimeMs {
  if (given === undefined) return fallback;
  if (prefix) refuseUnknownKeys(given, ["idleTimeout", "absoluteTimeout"], prefix.slice(0, -1));
  const idleMs = durationOption(`${prefix}idleTimeout`, given.idleTimeout, fallback.idleMs);
  const absoluteMs = durationOption(`${prefix}absoluteTimeout`, given.absoluteTimeout, fallback.absoluteMs);
  if (idleMs > absoluteMs) {
    if (given.idleTimeout === undefined) return { idleMs: absoluteMs, absoluteMs };
    throw new InvalidOptionError(
      `${prefix}idleTimeout`,
      "is longer than the absolute timeout, so it would never count",
    );
  }
  return { idleMs, absoluteMs };
}

function readKeys(keys: readonly unknown[] | undefined): readonly string[] {
  if (keys === undefined) return [];
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === "string")) {
    throw new InvalidOptionError("keepOnLogin", 'must be a list of keys, such as ["cart"]');
  }
  return [...keys];
}

function readAccounts({ accounts, transports }: AnyOptions): number | null {
  if (accounts === undefined) return null;
  refuseUnknownKeys(accounts, ["max"], "accounts");
  const { max } = accounts;
  if (!Number.isInteger(max) || max < 2 || max > MOST_ACCOUNTS)
    throw new InvalidOptionError("accounts.max", `must be a whole number from 2 to ${MOST_ACCOUNTS}`);
  if (transports && !transports.includes("cookie"))
    throw new InvalidOptionError("accounts", 'are kept in cookies, and transports does not name "cookie"');
  return max;
}

function readLimit(limit: AnyOptions["sessionsPerUser"]): Settings["limit"] {
  if (limit === undefined) return null;
  refuseUnknownKeys(limit, ["max", "over"], "sessionsPerUser");
  if (!Number.isSafeInteger(limit.max) || limit.max < 1) {
    throw new InvalidOptionError("sessionsPerUser.max", "must be a whole number from 1");
  }
  return {
    max: limit.max,
    over: oneOf("sessionsPerUser.over", limit.over, ["evict-oldest", "refuse"], "evict-oldest"),
  };
}
