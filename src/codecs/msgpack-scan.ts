/**
 * What must be known of MessagePack before the library reads it: one pass, no recursion. The library itself makes a list
 * of any length that is claimed, takes any bytes for text, and lets the last of two keys win.
 */
import { isUtf8 } from "node:buffer";
import { UndecodableError } from "../errors.ts";

/** Bytes behind the heads 0xca to 0xd8: floats, integers, and fixed extensions with their type. */
const FIXED_SIZES: readonly number[] = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8, 2, 3, 5, 9, 17];

export class MsgpackScan {
  /** Keys of all maps as written, so a key that comes twice counts twice. */
  keys = 0;
  readonly #bytes: Uint8Array;
  readonly #maxDepth: number;
  #at = 0;
  /** What each open list or map still holds; a key and a value of a map are two. */
  readonly #left: number[] = [];
  readonly #isMap: boolean[] = [];

  constructor(bytes: Uint8Array, maxDepth: number) {
    this.#bytes = bytes;
    this.#maxDepth = maxDepth;
  }

  /** Throws `UndecodableError` unless the bytes begin with a whole value within the depth; the library sees to the rest. */
  run(): void {
    this.#value(false);
    for (let top = this.#left.length - 1; top >= 0; top = this.#left.length - 1) {
      const left = this.#left[top] ?? 0;
      if (left === 0) {
        this.#left.pop();
        this.#isMap.pop();
      } else {
        this.#left[top] = left - 1;
        this.#value(this.#isMap[top] === true && left % 2 === 0);
      }
    }
  }

  #value(isKey: boolean): void {
    const head = this.#byte();
    if (head >= 0xa0 && head <= 0xbf) return this.#text(head & 0x1f, isKey);
    if (head >= 0xd9 && head <= 0xdb) return this.#text(this.#length(1 << (head - 0xd9)), isKey);
    if (isKey) throw new UndecodableError("a key is no text");
    if (head <= 0x7f || head >= 0xe0) return;
    if (head <= 0x9f) return this.#open(head & 0x0f, head <= 0x8f);
    if (head >= 0xdc) return this.#open(this.#length(head % 2 === 0 ? 2 : 4), head >= 0xde);
    if (head >= 0xca) return this.#skip(FIXED_SIZES[head - 0xca] ?? 0);
    if (head >= 0xc7) return this.#skip(this.#length(1 << (head - 0xc7)) + 1);
    if (head >= 0xc4) return this.#skip(this.#length(1 << (head - 0xc4)));
  }

  #open(items: number, isMap: boolean): void {
    if (this.#left.length >= this.#maxDepth) throw new UndecodableError("it is nested too deep");
    this.#left.push(isMap ? items * 2 : items); // every one of them takes a byte, so a false claim soon ends
    this.#isMap.push(isMap);
  }

  #text(length: number, isKey: boolean): void {
    const from = this.#at;
    this.#skip(length);
    if (isKey) this.keys++;
    for (let at = from; at < this.#at; at++) {
      if ((this.#bytes[at] ?? 0) < 0x80) continue;
      if (!isUtf8(this.#bytes.subarray(at, this.#at)))
        throw new UndecodableError("a text is not valid UTF-8");
      return;
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new UndecodableError("it is cut off");
    return byte;
  }

  #length(bytes: number): number {
    let length = 0;
    for (let left = bytes; left > 0; left--) length = length * 256 + this.#byte();
    return length;
  }

  #skip(bytes: number): void {
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw new UndecodableError("it is cut off");
  }
}
