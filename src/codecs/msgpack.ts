/**
 * MessagePack (msgpack.org) on `@msgpack/msgpack`, an optional peer: smaller than JSON, and bytes are carried as they are.
 * msgpack-form.ts says how the values it has no type for are written.
 */
import { Decoder, Encoder, ExtData, type ExtensionCodecType } from "@msgpack/msgpack";
import { DataTooLargeError, UndecodableError } from "../errors.ts";
import type { Codec, CodecContext, CodecLimits } from "./contract.ts";
import { copyWith, depthLimit } from "./copy-walk.ts";
import { BINARY_COSTS } from "./costs.ts";
import { packedForm, readExtension } from "./msgpack-form.ts";
import { MsgpackReviver } from "./msgpack-reviver.ts";
import { MsgpackScan } from "./msgpack-scan.ts";
import { isPlainJson } from "./plain-check.ts";
import { liveForm } from "./tags.ts";

const extensionCodec: ExtensionCodecType<undefined> = {
  tryToEncode: (value) => (value instanceof ExtData ? value : null),
  decode: (data, type) => readExtension(data, type),
};

const encoder = new Encoder({ extensionCodec, useBigInt64: true, maxDepth: 10_000 });
const decoder = new Decoder({ extensionCodec, useBigInt64: true });

/**
 * Carries what the default codec carries. Safe for bytes an attacker wrote; time and memory are linear in their number.
 */
export const msgpack: Codec = {
  id: 3,
  name: "msgpack",
  untrustedSafe: true,

  copy: (value: unknown, path: string, limits: CodecLimits, depth?: number): unknown =>
    copyWith(value, { form: liveForm, root: path, limits, depth, costs: BINARY_COSTS }),

  encode(value: unknown, { limits }: CodecContext): Uint8Array {
    const tree = isPlainJson(value, limits, { wellFormed: true })
      ? value
      : copyWith(value, {
          form: packedForm,
          root: "session data",
          limits,
          isCopy: true,
          costs: BINARY_COSTS,
        });
    const bytes = encoder.encode(tree);
    if (bytes.byteLength > limits.maxBytes) throw new DataTooLargeError(bytes.byteLength, limits.maxBytes);
    return bytes;
  },

  decode(bytes: Uint8Array, { limits }: CodecContext): unknown {
    if (bytes.byteLength > limits.maxBytes) throw new UndecodableError("it is larger than the limit");
    const scan = new MsgpackScan(bytes, depthLimit(limits));
    scan.run();
    const reviver = new MsgpackReviver();
    const value = reviver.revive(unpack(bytes));
    if (reviver.keys !== scan.keys) throw new UndecodableError("a key comes twice");
    return value;
  },
};

function unpack(bytes: Uint8Array): unknown {
  try {
    return decoder.decode(bytes);
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    // No cause: a message might quote the data.
    throw new UndecodableError("it is not valid MessagePack");
  }
}
