/**
 * How session data becomes bytes and comes back. A codec makes plain data only: no prototypes, no functions, no
 * entities. What it cannot carry it refuses when it is set, with the path, never when it is stored.
 */

export interface CodecLimits {
  /** Largest encoded size, in bytes. */
  readonly maxBytes: number;
  /** Deepest nesting; the data object itself is depth 1. */
  readonly maxDepth: number;
}

export interface CodecContext {
  /** The id of the session the bytes belong to. A sealing codec binds the bytes to it. */
  readonly id: string;
  readonly limits: CodecLimits;
}

export interface Codec {
  /**
   * One byte, written before the payload, so that stored data can move from one codec to another. 1 to 255; 1 to 31 are
   * Sojourn's own, and from 128 on they are the encrypted forms of those below.
   */
  readonly id: number;
  readonly name: string;
  /** Whether `decode` may be given bytes an attacker wrote. `false`: only inside authenticated encryption. */
  readonly untrustedSafe: boolean;
  /**
   * Whether it encrypts and authenticates what it writes. A sealing codec is never joined by a plain one unless the
   * option `codec` lists both. Default false.
   */
  readonly sealed?: boolean;
  /** How many bytes it adds to what the codec inside it wrote; data may be that much larger. Default 0. */
  readonly overhead?: number;

  /**
   * A deep copy of `value` made of what this codec carries. Throws `UnsupportedValueError` with `path` extended to the
   * first thing it cannot carry (functions, symbols, class instances, cycles, keys named `__proto__`, too deep), and
   * `DataTooLargeError` once the encoded value is sure to be above `limits.maxBytes`. The copy is what
   * `decode(encode(value))` would give. `depth` is the level `value` sits at, default 1: the whole of what is encoded.
   */
  copy(value: unknown, path: string, limits: CodecLimits, depth?: number): unknown;

  /** Bytes for a value that `copy` let through. Throws `DataTooLargeError` above `limits.maxBytes`. */
  encode(value: unknown, context: CodecContext): Uint8Array;

  /** The value again. Throws `UndecodableError` for anything it did not write itself; never a partial value. */
  decode(bytes: Uint8Array, context: CodecContext): unknown;

  /**
   * Whether these bytes, which it wrote, are as it would write them now. `false`, for an old key: the next save of the
   * session writes them anew. Left out: always.
   */
  isCurrent?(bytes: Uint8Array): boolean;
}
