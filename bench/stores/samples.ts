/** Sessions to measure with: signed in, three to a user, with a label, the method of the login, and 480 bytes of data. */
import { randomBytes } from "node:crypto";
import { newCredentials, packCredentials } from "../../src/core/credentials.ts";
import type { SessionRecord, Version } from "../../src/core/record.ts";
import { offer, promote } from "../../src/core/rotation.ts";
import { newSecrets, newSessionId, newVersion } from "../../src/core/token.ts";

export const PAYLOAD = 480;
export const PER_USER = 3;

export const LIFE_MS: number = 12 * 3_600_000;

/** One item for each turn, all of them in time, and none near the one before. */
export function scattered<T>(items: readonly T[]): (turn: number) => T {
  return (turn) => items[(turn * 7919) % items.length] as T;
}

export function recordOf(index: number): SessionRecord {
  const now = Date.now();
  const id = newSessionId(randomBytes);
  return {
    id,
    userId: `user-${String(Math.floor(index / PER_USER)).padStart(8, "0")}`,
    version: newVersion(randomBytes),
    createdAt: now,
    authenticatedAt: now,
    seenAt: now,
    idleUntil: now + LIFE_MS,
    absoluteUntil: now + LIFE_MS,
    idleFor: LIFE_MS,
    persistent: false,
    label: "Firefox on Linux",
    about: '{"methods":["pwd"]}',
    credentials: credentialsOf(id, now),
    payload: randomBytes(PAYLOAD),
  };
}

/** For saves: the version that a record was left with by the turn before, and the one it gets. */
export function versionsOf(
  records: readonly SessionRecord[],
): (turn: number) => { readonly expected: Version; readonly version: Version } {
  const places = scattered(records.map((_, place) => place));
  const current = records.map(({ version }) => version);
  const fresh = Array.from({ length: 1009 }, () => newVersion(randomBytes));
  return (turn) => {
    const place = places(turn);
    const expected = current[place] ?? "";
    const version = fresh[turn % fresh.length] ?? "";
    current[place] = version;
    return { expected, version };
  };
}

/** As they are from the first rotation on, which is when they take most. */
function credentialsOf(id: string, now: number): Uint8Array {
  const secret = newSecrets(randomBytes).secret;
  const fresh = newCredentials(secret, randomBytes(32), now);
  const offered = offer(fresh, id, secret, () => randomBytes(16)).credentials;
  return packCredentials(promote(offered ?? fresh, now));
}
