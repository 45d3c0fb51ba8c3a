/**
 * Which links of a client leave this machine without encryption, as far as the client shows it. What it does not show
 * is let pass: a client of one's own, or a socket that somebody else makes.
 */
import { isLoopbackHost } from "../core/origins.ts";
import { InvalidOptionError } from "../errors.ts";

/** Where a client connects to. */
export interface Endpoint {
  /** A name or an address; for a socket in the file system its path, or nothing. */
  readonly host: unknown;
  readonly isEncrypted: boolean;
}

/** The first of them that a store has to name as its `plaintextTo`. Throws `InvalidOptionError` for an impossible `allowPlaintext`. */
export function plaintextHost(
  endpoints: readonly Endpoint[],
  allowPlaintext: boolean | undefined,
): string | undefined {
  if (allowPlaintext !== undefined && typeof allowPlaintext !== "boolean") {
    throw new InvalidOptionError("allowPlaintext", "must be true or false");
  }
  if (allowPlaintext) return undefined;
  for (const { host, isEncrypted } of endpoints) {
    if (!isEncrypted && typeof host === "string" && leavesThisMachine(host)) return host;
  }
  return undefined;
}

function leavesThisMachine(host: string): boolean {
  if (host === "" || host.startsWith("/") || host.startsWith("@")) return false; // sockets of this machine
  if (/^127(?:\.\d{1,3}){3}$/.test(host)) return false;
  return !isLoopbackHost(host.includes(":") && !host.startsWith("[") ? `[${host}]` : host);
}

/** The value at the end of a path through an object nobody has checked; `undefined` where there is none. */
export function fieldIn(value: unknown, ...path: readonly string[]): unknown {
  let found = value;
  for (const name of path) {
    if ((typeof found !== "object" && typeof found !== "function") || found === null) return undefined;
    found = Reflect.get(found, name);
  }
  return found;
}

export function listIn(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const found = fieldIn(value, ...path);
  return Array.isArray(found) ? found : [];
}
