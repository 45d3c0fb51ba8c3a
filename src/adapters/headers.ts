/** What the core wants done to response headers, done to `Headers` and to Node's responses alike. */
import type { HeaderChanges } from "../core/exchange-contract.ts";

export const HSTS = "strict-transport-security";

export const UNCHANGED: HeaderChanges = { cookies: [], cacheControl: undefined, vary: [], set: [] };

export function isUnchanged(changes: HeaderChanges): boolean {
  return (
    changes.cookies.length === 0 &&
    changes.vary.length === 0 &&
    changes.cacheControl === undefined &&
    changes.set.length === 0
  );
}

/** The Vary field with `names` added where missing; `undefined` when it already says all of it. */
export function addToVary(current: string | undefined, names: readonly string[]): string | undefined {
  if (!current && names.length === 1) return names[0];
  const present = new Set((current ?? "").split(",").map((name) => name.trim().toLowerCase()));
  if (present.has("*")) return undefined;
  const missing: string[] = [];
  for (const name of names) {
    const key = name.toLowerCase();
    if (present.has(key)) continue;
    present.add(key);
    missing.push(name);
  }
  if (missing.length === 0) return undefined;
  return current ? `${current}, ${missing.join(", ")}` : missing.join(", ");
}

/** Two sets of changes for one answer, the later one knowing the earlier one's Cache-Control. */
export function mergeChanges(first: HeaderChanges, second: HeaderChanges): HeaderChanges {
  return {
    cookies: [...first.cookies, ...second.cookies],
    cacheControl: second.cacheControl ?? first.cacheControl,
    vary: [...new Set([...first.vary, ...second.vary])],
    set: [...first.set, ...second.set],
  };
}

const STAYS = new RegExp(
  "^(?:access-control-.*|content-security-policy.*|cross-origin-.*|x-ratelimit-.*|ratelimit.*|" +
    "strict-transport-security|referrer-policy|permissions-policy|origin-agent-cluster|reporting-endpoints|nel|report-to|" +
    "x-content-type-options|x-frame-options|x-xss-protection|x-dns-prefetch-control|x-download-options|" +
    "x-permitted-cross-domain-policies|x-robots-tag|x-powered-by|server|server-timing|alt-svc|vary|connection|keep-alive|date|" +
    "(?:x-)?(?:request|correlation|trace)-id|traceparent|traceresponse)$",
);

/**
 * Whether a header, by its lower-case name, may stay when an answer fails: it speaks for the server as a whole. All others
 * belong to the dropped answer, and some of them act by themselves (Location, Set-Cookie, Clear-Site-Data, HX-Redirect).
 */
export function staysOnFailure(name: string): boolean {
  return STAYS.test(name);
}
