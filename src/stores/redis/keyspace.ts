/**
 * The names of keys under one prefix. With slots, all of a user stand under one tag in braces, which is what Redis
 * Cluster places keys by: the first two bytes of the digest, and of the user's ids. Visitors' ids have tags of their own.
 */
import type { SessionId } from "../../core/record.ts";

export class Keyspace {
  readonly slots: boolean;
  /**
   * Where the key of the digests stands. With slots in three places, of which each third of a cluster has one (slots
   * 818, 13137 and 9072), so that a node that comes back empty does not take it along.
   */
  readonly metas: readonly [string, ...string[]];
  /** For SCAN: every character of the prefix means itself. */
  readonly sessions: string;
  readonly #prefix: string;

  constructor(prefix: string, slots: boolean) {
    this.#prefix = prefix;
    this.slots = slots;
    this.metas = slots ? [`${prefix}{meta-a}`, `${prefix}{meta-b}`, `${prefix}{meta-c}`] : [`${prefix}meta`];
    const literal = prefix.replaceAll(/[\\*?[\]^-]/g, "\\$&");
    this.sessions = slots ? `${literal}{????}:s:*` : `${literal}s:*`;
  }

  /** What all keys begin with that lie together with those of this session, or of the user with this digest. */
  home(idOrDigest: string): string {
    return this.slots ? `${this.#prefix}{${spelled(tagIn(idOrDigest))}}:` : this.#prefix;
  }

  session(id: SessionId): string {
    return `${this.home(id)}s:${id}`;
  }

  /** The id in a key that SCAN found. `null` for a key of a longer prefix that begins like ours. */
  idIn(key: string): SessionId | null {
    const id = key.slice(-22);
    return /^[A-Za-z0-9_-]{22}$/.test(id) && key === this.session(id) ? id : null;
  }
}

/**
 * A letter from @ to O for each half of a byte. So each of the 16,384 slots gets exactly four tags, which hexadecimal
 * digits do not give: the checksum that makes the slots follows the bits.
 */
function spelled(tag: Buffer): string {
  return [...tag].flatMap((byte) => [byte >> 4, byte & 15].map((half) => ALPHABET.charAt(half))).join("");
}

const ALPHABET = "@ABCDEFGHIJKLMNO";

/** The first two bytes of an id or a digest. */
export function tagIn(idOrDigest: string): Buffer {
  return Buffer.from(idOrDigest.slice(0, 3), "base64url").subarray(0, 2);
}
