/**
 * The sessions of one store, any number of them, without keeping any: the first thousand are made, and all others are
 * copies of these under ids and users of their own, which can be worked out by whoever copies. So a store's server can
 * make a million of them by itself.
 */
import { createHash, randomBytes, randomInt } from "node:crypto";
import { fromBase64url, toBase64url } from "../../src/core/bytes.ts";
import type { SessionRecord, Version } from "../../src/core/record.ts";
import { newSessionId, newVersion } from "../../src/core/token.ts";
import { recordOf } from "../stores/samples.ts";

/** How many are made, and copied as one. A multiple of the sessions of a user. */
export const ORIGINALS = 1000;
const PER_USER = 4;

export const IDLE_MS: number = 30 * 60_000;
export const ABSOLUTE_MS: number = 12 * 3_600_000;

export class Fleet {
  readonly size: number;
  readonly originals: readonly SessionRecord[];
  /** What has become of single places since the store was filled. */
  readonly #changed = new Map<number, Pick<SessionRecord, "id" | "version">>();

  constructor(size: number, now = Date.now()) {
    if (!isFleetSize(size)) throw new RangeError(`${size} sessions are no whole number of copies.`);
    this.size = size;
    this.originals = Array.from({ length: Math.min(size, ORIGINALS) }, (_, place) => recordAt(place, now));
  }

  /** Which copy of the originals is the last one. */
  get lastCopy(): number {
    return Math.ceil(this.size / ORIGINALS) - 1;
  }

  record(place: number): SessionRecord {
    const original = this.originals[place % ORIGINALS];
    if (!original) throw new RangeError(`There is no session ${place}.`);
    const copy = Math.floor(place / ORIGINALS);
    const record =
      copy === 0
        ? original
        : { ...original, id: copyOfId(original.id, copy), userId: `${original.userId}-${copy}` };
    return { ...record, ...this.#changed.get(place) };
  }

  /** Of the first `among` sessions, all by default. */
  any(among = this.size): number {
    return randomInt(among);
  }

  saved(place: number, version: Version): void {
    this.#changed.set(place, { id: this.record(place).id, version });
  }

  /** Another session of the same user in that place, for one that ended. */
  renewed(place: number): SessionRecord {
    const fresh = { id: newSessionId(randomBytes), version: newVersion(randomBytes) };
    this.#changed.set(place, fresh);
    return this.record(place);
  }

  /** All places of the user of one. */
  placesOfUser(place: number): readonly number[] {
    const first = place - (place % PER_USER);
    return Array.from({ length: Math.min(PER_USER, this.size - first) }, (_, at) => first + at);
  }
}

/** Up to the originals, or a multiple of them. */
export function isFleetSize(size: number): boolean {
  return Number.isInteger(size) && size > 0 && (size <= ORIGINALS || size % ORIGINALS === 0);
}

/** MD5 over the id in hexadecimal, a colon and the number of the copy: there is no server that lacks it. */
export function copyOfId(id: string, copy: number): string {
  const text = `${Buffer.from(fromBase64url(id)).toString("hex")}:${copy}`;
  return toBase64url(createHash("md5").update(text).digest());
}

function recordAt(place: number, now: number): SessionRecord {
  return {
    ...recordOf(place),
    userId: `user-${String(Math.floor(place / PER_USER)).padStart(8, "0")}`,
    createdAt: now,
    authenticatedAt: now,
    seenAt: now,
    idleUntil: now + IDLE_MS,
    absoluteUntil: now + ABSOLUTE_MS,
    idleFor: IDLE_MS,
  };
}
