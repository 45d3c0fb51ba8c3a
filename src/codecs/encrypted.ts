/**
 * Encryption at rest: what another codec wrote, sealed with AES-256-GCM (NIST SP 800-38D).
 *
 *   format (1 byte)   key id (4)   nonce (12)   ciphertext   tag (16)
 *
 * The key is derived from the ring's for one session, and that session's id, the codec and the format are authenticated
 * too: a payload moved to another session, given to another codec or changed in one bit does not open. A key per session
 * also keeps the random nonces of each far below the 2^32 that SP 800-38D, 8.3 allows for one key.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { createKeyRing, KEY_ID_BYTES, type Keys } from "../core/key-ring.ts";
import { DataTooLargeError, InvalidOptionError, UndecodableError } from "../errors.ts";
import type { Codec, CodecContext, CodecLimits } from "./contract.ts";

export { type Keys, newKey } from "../core/key-ring.ts";

const CIPHER = "aes-256-gcm";
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + KEY_ID_BYTES;
const OVERHEAD = HEAD_BYTES + NONCE_BYTES + TAG_BYTES;

/** The encrypted form of a codec is a codec of its own, so both can stand in one list. */
const SEALED_IDS = 128;

/**
 * Seals what `codec` writes under the first of `keys`, and opens what any of them sealed. Rows of an older key are sealed
 * anew by their next save. Holds no more data than the codec alone may: 33 bytes are added to that. Ids, user ids, labels
 * and times are not encrypted. Throws `InvalidOptionError` for anything that is no key, and for a codec that cannot be
 * sealed: one that is already, or whose id is above 127.
 */
export function encrypted(codec: Codec, keys: Keys): Codec {
  checkCodec(codec);
  const ring = createKeyRing(keys, "session-data");
  const id = codec.id + SEALED_IDS;

  function encode(value: unknown, context: CodecContext): Uint8Array {
    const { first } = ring;
    const plain = codec.encode(value, { ...context, limits: inside(context.limits) });
    const bytes = new Uint8Array(plain.byteLength + OVERHEAD);
    if (bytes.byteLength > context.limits.maxBytes) {
      throw new DataTooLargeError(plain.byteLength, inside(context.limits).maxBytes);
    }
    const nonce = randomBytes(NONCE_BYTES);
    bytes[0] = FORMAT;
    bytes.set(first.id, 1);
    bytes.set(nonce, HEAD_BYTES);
    const options = { authTagLength: TAG_BYTES };
    const cipher = createCipheriv(CIPHER, first.derive(context.id), nonce, options);
    cipher.setAAD(bound(id, context.id));
    bytes.set(cipher.update(plain), HEAD_BYTES + NONCE_BYTES);
    cipher.final();
    bytes.set(cipher.getAuthTag(), bytes.byteLength - TAG_BYTES);
    return bytes;
  }

  function decode(bytes: Uint8Array, context: CodecContext): unknown {
    const { byteLength } = bytes;
    if (byteLength < OVERHEAD || byteLength > context.limits.maxBytes || bytes[0] !== FORMAT)
      throw brokenSeal();
    const key = ring.find(bytes.subarray(1, HEAD_BYTES));
    if (!key)
      throw new UndecodableError("it is sealed under a key that is not in the ring", { reason: "key" });
    const nonce = bytes.subarray(HEAD_BYTES, HEAD_BYTES + NONCE_BYTES);
    const options = { authTagLength: TAG_BYTES };
    const decipher = createDecipheriv(CIPHER, key.derive(context.id), nonce, options);
    decipher.setAAD(bound(id, context.id));
    decipher.setAuthTag(bytes.subarray(byteLength - TAG_BYTES));
    const plain = decipher.update(bytes.subarray(HEAD_BYTES + NONCE_BYTES, byteLength - TAG_BYTES));
    try {
      decipher.final();
    } catch {
      throw brokenSeal();
    }
    return codec.decode(plain, { ...context, limits: inside(context.limits) });
  }

  return Object.freeze({
    id,
    name: `encrypted ${codec.name}`,
    untrustedSafe: true, // nothing reaches the codec inside that was not sealed here
    sealed: true,
    overhead: OVERHEAD + (codec.overhead ?? 0),
    copy: (value: unknown, path: string, limits: CodecLimits, depth?: number): unknown =>
      codec.copy(value, path, inside(limits), depth),
    encode,
    decode,
    isCurrent: (bytes: Uint8Array): boolean => ring.find(bytes.subarray(1, HEAD_BYTES)) === ring.first,
  });
}

function checkCodec(codec: Codec): void {
  if (typeof codec?.encode !== "function" || typeof codec.id !== "number") {
    throw new InvalidOptionError(
      "codec",
      "encrypted() seals a codec, such as taggedJson from sojourn/codecs/tagged-json",
    );
  }
  if (codec.sealed) throw new InvalidOptionError("codec", `"${codec.name}" is sealed already`);
  if (codec.id < 1 || codec.id >= SEALED_IDS) {
    throw new InvalidOptionError("codec", `"${codec.name}" must have an id from 1 to 127 to be encrypted`);
  }
}

function inside(limits: CodecLimits): CodecLimits {
  return { ...limits, maxBytes: limits.maxBytes - OVERHEAD };
}

/** What is authenticated beside the ciphertext: in which format and by which codec it was written, and whose it is. */
function bound(codecId: number, sessionId: string): Uint8Array {
  return Buffer.from(`${FORMAT}/${codecId}/${sessionId}`);
}

/** No cause and no detail: what was tried is of no use to whoever changed it. */
function brokenSeal(): UndecodableError {
  return new UndecodableError("its seal is broken: it was changed, cut short, or is another session's", {
    reason: "seal",
  });
}
