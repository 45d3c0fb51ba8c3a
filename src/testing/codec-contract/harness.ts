/** What an author gives to have a codec checked, and what a case of the contract is. */
import type { Codec, CodecLimits } from "../../codecs/contract.ts";
import type { CodecKind } from "./kinds.ts";

export interface CodecHarness {
  /** The codec, as an application gives it to `createSessions`. Called once for each case. */
  create(): Codec;
  /**
   * What it carries beside what JSON has: null, booleans, finite numbers, text, lists and plain objects. What is not
   * named here it must refuse.
   */
  readonly carries: readonly CodecKind[];
  /** Codecs whose bytes may lie in the same store. Default none. */
  readonly beside?: readonly Codec[];
  /** Attacks on its own format, by name: bytes it must refuse. Default none; the kit brings those on JSON, XML and MessagePack. */
  readonly hostile?: Readonly<Record<string, Uint8Array>>;
  /** What the random values begin with. A failure names the seed that repeats it. Default 1. */
  readonly seed?: number;
  /** Random values for each case. Default 200. */
  readonly runs?: number;
}

/** What a case runs on. */
export interface Scene extends Required<Omit<CodecHarness, "create">> {
  readonly codec: Codec;
  /** With the limits of a session, unless others are given. */
  encode(value: unknown, limits?: CodecLimits): Uint8Array;
  decode(bytes: Uint8Array, limits?: CodecLimits): unknown;
  /** `path` is `cart`. */
  copy(value: unknown, limits?: CodecLimits, depth?: number): unknown;
}

/** What a case asks of the codec, beyond being one. */
export type Need = "untrustedSafe" | "sealed" | "readable";

export interface Definition {
  readonly name: string;
  readonly needs?: readonly Need[];
  run(scene: Scene): void;
}

/** The limits of a session: 64 KiB and 64 levels. */
export const LIMITS: CodecLimits = { maxBytes: 64 * 1024, maxDepth: 64 };

export const ROOT = "cart";

export function sceneOf(harness: CodecHarness): Scene {
  const codec = harness.create();
  const contextOf = (limits: CodecLimits) => ({ id: "AAAAAAAAAAAAAAAAAAAAAA", limits });
  return {
    codec,
    carries: harness.carries,
    beside: harness.beside ?? [],
    hostile: harness.hostile ?? {},
    seed: harness.seed ?? 1,
    runs: harness.runs ?? 200,
    encode: (value, limits = LIMITS) => codec.encode(value, contextOf(limits)),
    decode: (bytes, limits = LIMITS) => codec.decode(bytes, contextOf(limits)),
    copy: (value, limits = LIMITS, depth) => codec.copy(value, ROOT, limits, depth),
  };
}
