/** Where a request came from, by what browsers themselves say of it: SECURITY C1, steps 1 and 4 to 7. Pure. */
import { parseWebUrl } from "../core/origins.ts";
import type { Connection, RequestView } from "../core/request.ts";
import type { CsrfReason, OriginVerdict } from "./contract.ts";

export interface OriginRules {
  /** Serialised origins that may act here, with a token. */
  readonly trusted: readonly string[];
  /** What a request counts as that says nothing of where it came from. */
  readonly missing: "unknown" | "strong";
}

const SAFE_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Frameworks and libraries that let a header change the method read one of these. */
const OVERRIDES = ["x-http-method-override", "x-http-method", "x-method-override"] as const;

const SAFE: OriginVerdict = { kind: "safe" };
const STRONG: OriginVerdict = { kind: "strong" };
const WEAK: OriginVerdict = { kind: "weak" };

export function judgeOrigin(request: RequestView, connection: Connection, rules: OriginRules): OriginVerdict {
  const danger = dangerOf(request);
  if (danger === "safe") return SAFE;
  if (danger === "refused") return denied("method");
  const site = request.header("sec-fetch-site");
  const origin = request.header("origin");
  if (isMalformed(site) || isMalformed(origin)) return denied("malformed");
  if (request.upgrade) return judgeUpgrade(site, origin, connection, rules);
  if (site === "same-origin") return STRONG;
  if (site === "none") return WEAK;
  if (site !== undefined) {
    // Never on to the own origins: a sibling or a foreign page sent this, whatever else it claims (C1 step 5).
    return isListed(origin, rules.trusted, connection) ? WEAK : denied("cross_origin");
  }
  if (origin === "null") return denied("null_origin");
  if (origin !== undefined) {
    // Both lists hold serialised origins, so whatever equals one is its own re-serialisation too.
    const isKnown =
      isListed(origin, connection.origins, connection) || isListed(origin, rules.trusted, connection);
    return isKnown ? WEAK : denied("wrong_origin");
  }
  const referer = request.header("referer");
  if (referer === undefined) return { kind: rules.missing };
  return isListed(originOfReferer(referer), connection.origins, connection) ? WEAK : denied("wrong_origin");
}

/** No token can come with a handshake, so only our own pages pass, by exact Origin (C1 step 7, SECURITY G4). */
function judgeUpgrade(
  site: string | undefined,
  origin: string | undefined,
  connection: Connection,
  rules: OriginRules,
): OriginVerdict {
  if (site !== undefined && site !== "same-origin") return denied("cross_origin");
  if (origin === undefined) return { kind: rules.missing };
  if (origin === "null") return denied("null_origin");
  return isListed(origin, connection.origins, connection) ? STRONG : denied("wrong_origin");
}

/** An override header counts when it makes the request more dangerous, never when it makes it less. */
function dangerOf(request: RequestView): "safe" | "unsafe" | "refused" {
  let danger: "safe" | "unsafe" = SAFE_METHODS.has(request.method) && !request.upgrade ? "safe" : "unsafe";
  if (isTrace(request.method)) return "refused";
  for (const name of OVERRIDES) {
    const method = request.header(name);
    if (method === undefined) continue;
    if (isTrace(method)) return "refused";
    if (!SAFE_METHODS.has(method)) danger = "unsafe";
  }
  return danger;
}

/** TRACE echoes what it gets, cookies included. */
function isTrace(method: string): boolean {
  return /^(?:TRACE|TRACK)$/i.test(method);
}

/** Several fields of one name arrive joined with ", " (C1 step 4, D14). */
function isMalformed(value: string | undefined): boolean {
  return value !== undefined && (value === "" || /[, \t]/.test(value));
}

/** Behind https no plain http origin is one of ours: anyone on the way could have written that page (C2, D5). */
function isListed(
  origin: string | null | undefined,
  list: readonly string[],
  connection: Connection,
): boolean {
  if (origin === null || origin === undefined || !list.includes(origin)) return false;
  return connection.door !== "secure" || origin.startsWith("https:");
}

function originOfReferer(referer: string): string | null {
  const url = parseWebUrl(referer);
  return url && url.username === "" && url.password === "" ? url.origin : null;
}

function denied(reason: CsrfReason): OriginVerdict {
  return { kind: "denied", reason };
}
