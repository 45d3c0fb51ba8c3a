/**
 * The default codec: JSON, and beside it Date, Map, Set, BigInt, undefined, URL, Uint8Array, NaN, the infinities and -0,
 * tagged (tags.ts). Plain JSON is a valid subset, so other programs can read and write simple sessions.
 *
 * Keys named `constructor` or `prototype` are plain own keys and do no harm; `__proto__` is refused both ways, since
 * code that copies such an object by assignment would change its prototype.
 */
import { plainBytes } from "../core/bytes.ts";
import { DataTooLargeError, UndecodableError } from "../errors.ts";
import type { Codec, CodecContext, CodecLimits } from "./contract.ts";
import { copyWith, depthLimit } from "./copy-walk.ts";
import { scanJson } from "./json-scan.ts";
import { parseJson } from "./json-text.ts";
import { isPlainJson } from "./plain-check.ts";
import { Reviver } from "./reviver.ts";
import { LEVELS_OF_LEAF, LEVELS_PER_DEPTH, liveForm, TAG, taggedForm } from "./tags.ts";

/** Safe for bytes an attacker wrote. Time and memory are linear in their number. */
export const taggedJson: Codec = {
  id: 1,
  name: "tagged-json",
  untrustedSafe: true,

  copy: (value: unknown, path: string, limits: CodecLimits, depth?: number): unknown =>
    copyWith(value, { form: liveForm, root: path, limits, depth }),

  encode(value: unknown, { limits }: CodecContext): Uint8Array {
    const tree = isPlainJson(value, limits, { reserved: TAG })
      ? value
      : copyWith(value, { form: taggedForm, root: "session data", limits, isCopy: true });
    const bytes = plainBytes(Buffer.from(JSON.stringify(tree)));
    if (bytes.byteLength > limits.maxBytes) throw new DataTooLargeError(bytes.byteLength, limits.maxBytes);
    return bytes;
  },

  decode(bytes: Uint8Array, { limits }: CodecContext): unknown {
    if (bytes.byteLength > limits.maxBytes) throw new UndecodableError("it is larger than the limit");
    const maxDepth = depthLimit(limits);
    const scan = scanJson(bytes);
    if (scan.depth > maxDepth * LEVELS_PER_DEPTH + LEVELS_OF_LEAF)
      throw new UndecodableError("it is nested too deep");
    const reviver = new Reviver(maxDepth);
    const value = reviver.revive(parseJson(bytes, scan), 1);
    // A later duplicate would win silently here and an earlier one elsewhere (RFC 8259 section 4).
    if (reviver.keys !== scan.keys) throw new UndecodableError("a key comes twice");
    return value;
  },
};
