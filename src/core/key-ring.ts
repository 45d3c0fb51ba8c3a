/**
 * The keys that seal what leaves our hands: the first one seals, all of them open, so that keys can be changed while
 * sessions live. Each purpose has keys of its own, derived with HKDF-SHA256 (RFC 5869), so that what is made for one
 * purpose is nothing for another (SECURITY S4).
 */
import { createHmac, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { InvalidOptionError } from "../errors.ts";
import { fromBase64url, sameBytes, toBase64url } from "./bytes.ts";
import { looksRandom } from "./entropy.ts";

/**
 * Keys as texts, as `npx sojourn keys` makes them; several in one text are parted by blanks or commas. The first one
 * seals, all of them open. `undefined` is refused when the ring is made: it is here so that a variable of the
 * environment can be handed over as it is.
 */
export type Keys = string | readonly string[] | undefined;

interface RingKey {
  /** Names the key without saying anything of it: 4 bytes, derived like the key. */
  readonly id: Uint8Array;
  /** A 256-bit key for one use: HKDF-Expand of the purpose's key. A KeyObject, since ciphers take bytes five times slower. */
  derive(context: string): KeyObject;
}

export interface KeyRing {
  /** The key that seals. */
  readonly first: RingKey;
  /** The key of that name, if it is in the ring. */
  find(id: Uint8Array): RingKey | null;
}

const PREFIX = "sojourn1_";
const SECRET_BYTES = 32;
export const KEY_ID_BYTES = 4;

/** 43 characters carry 258 bits: the last one must leave two of them 0. */
const SHAPE = /^sojourn1_([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])$/;

/** A key of 256 random bits. */
export function newKey(random: (bytes: number) => Uint8Array = randomBytes): string {
  return PREFIX + toBase64url(random(SECRET_BYTES));
}

/** `option` is how messages call the keys; none of them ever shows one. Throws `InvalidOptionError`. */
export function createKeyRing(keys: Keys, purpose: string, option = "keys"): KeyRing {
  const [first, ...others] = readKeys(keys, option).map((secret) => ringKey(secret, purpose));
  if (!first) throw new InvalidOptionError(option, `there is none. ${ADVICE}`);
  const all = [first, ...others];
  for (const [at, { id }] of all.entries()) {
    if (all.findIndex((other) => sameBytes(other.id, id)) === at) continue;
    throw new InvalidOptionError(option, `key ${at + 1} is in the ring already`);
  }
  return { first, find: (id) => all.find((key) => sameBytes(key.id, id)) ?? null };
}

const ADVICE =
  "Make one with `npx sojourn keys` and keep it in a variable or secret of your server, not in the code";

function readKeys(keys: unknown, option: string): readonly Uint8Array[] {
  const given: readonly unknown[] = keys === undefined ? [] : Array.isArray(keys) ? keys : [keys];
  const all = given.flatMap((text): readonly unknown[] =>
    typeof text === "string" ? splitKeys(text) : [text],
  );
  return all.map((text, at) => {
    const where = all.length > 1 ? `key ${at + 1} of ${all.length} ` : "it ";
    if (typeof text !== "string") throw new InvalidOptionError(option, `${where}is not a text. ${ADVICE}`);
    const encoded = SHAPE.exec(text)?.[1];
    if (encoded === undefined)
      throw new InvalidOptionError(option, `${where}${shapeProblem(text)}. ${ADVICE}`);
    const secret = fromBase64url(encoded);
    if (looksRandom(secret)) return secret;
    throw new InvalidOptionError(option, `${where}is not random: a password, a text or a pattern. ${ADVICE}`);
  });
}

export function splitKeys(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((part) => part !== "");
}

/** What is wrong, without a character of it. */
function shapeProblem(text: string): string {
  if (!text.startsWith(PREFIX)) return `is no key of ours: those begin with ${PREFIX}`;
  const length = text.length - PREFIX.length;
  if (length !== 43)
    return `has ${length} characters after ${PREFIX}, and not 43: it was cut short or put together`;
  return "holds characters that no key has, or was altered";
}

function ringKey(secret: Uint8Array, purpose: string): RingKey {
  const root = createSecretKey(secret);
  secret.fill(0);
  const key = createSecretKey(derived(root, `${purpose}/key`, 32));
  const id = derived(root, `${purpose}/id`, KEY_ID_BYTES);
  return {
    id,
    derive: (context) => createSecretKey(createHmac("sha256", key).update(context).update(COUNTER).digest()),
  };
}

const COUNTER = Uint8Array.of(1);

function derived(root: KeyObject, info: string, length: number): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", root, "sojourn", info, length));
}
