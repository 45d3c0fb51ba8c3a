/**
 * Encryption at rest: what another codec wrote, sealed for one session (core/seal.ts). The session's id, the codec and
 * the format are authenticated too: a payload moved to another session, given to another codec or changed in one bit
 * does not open.
 */
import { createKeyRing, type Keys } from "../core/key-ring.ts";
import { type Binding, isSealedByFirst, SEAL_FORMAT, SEAL_OVERHEAD, seal, unseal } from "../core/seal.ts";
import { DataTooLargeError, InvalidOptionError, UndecodableError } from "../errors.ts";
import type { Codec, CodecContext, CodecLimits } from "./contract.ts";

export { type Keys, newKey } from "../core/key-ring.ts";

/** The encrypted form of a codec is a codec of its own, so both can stand in one list. */
const SEALED_IDS = 128;

const PROBLEMS = {
  key: "it is sealed under a key that is not in the ring",
  seal: "its seal is broken: it was changed, cut short, or is another session's",
};

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

  const bound = (sessionId: string): Binding => ({
    context: sessionId,
    data: `${SEAL_FORMAT}/${id}/${sessionId}`,
  });

  function encode(value: unknown, context: CodecContext): Uint8Array {
    const limits = inside(context.limits);
    const plain = codec.encode(value, { ...context, limits });
    if (plain.byteLength > limits.maxBytes) throw new DataTooLargeError(plain.byteLength, limits.maxBytes);
    return seal(ring, plain, bound(context.id));
  }

  function decode(bytes: Uint8Array, context: CodecContext): unknown {
    const plain =
      bytes.byteLength > context.limits.maxBytes ? "seal" : unseal(ring, bytes, bound(context.id));
    if (typeof plain === "string") throw new UndecodableError(PROBLEMS[plain], { reason: plain });
    return codec.decode(plain, { ...context, limits: inside(context.limits) });
  }

  return Object.freeze({
    id,
    name: `encrypted ${codec.name}`,
    untrustedSafe: true, // nothing reaches the codec inside that was not sealed here
    sealed: true,
    overhead: SEAL_OVERHEAD + (codec.overhead ?? 0),
    copy: (value: unknown, path: string, limits: CodecLimits, depth?: number): unknown =>
      codec.copy(value, path, inside(limits), depth),
    encode,
    decode,
    isCurrent: (bytes: Uint8Array): boolean => isSealedByFirst(ring, bytes),
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
  return { ...limits, maxBytes: limits.maxBytes - SEAL_OVERHEAD };
}
