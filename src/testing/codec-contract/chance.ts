/** Values and damage by chance, the same for the same seed. */
import { seededRandom } from "../clock.ts";
import { type CodecKind, examplesOf } from "./kinds.ts";

const TEXTS: readonly string[] = [
  "",
  " ",
  "tea",
  "\t\r\n",
  "null",
  "true",
  "0",
  "00123",
  "-0",
  "1e5",
  "$",
  '{"$":["Date",1]}',
  "<text/>",
  "]]>",
  "&amp;&#13;&x;",
  '"\\\u0000\u001b\u007f',
  "\u0085\u2028\ufeff\ufffe\uffff",
  "Zoë · テスト · \u{1f469}\u200d\u{1f680}",
  "__proto__",
  "x".repeat(31),
  "é".repeat(130),
];
const KEYS: readonly string[] = [
  "cart",
  "a b",
  "",
  "0",
  "10",
  "-1",
  "$",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "toJSON",
  "length",
  "#text",
  ":@",
  "@_a",
  "name",
  "é",
  "a\r\n\t\"<&>'",
  "k".repeat(256),
];
const NUMBERS: readonly number[] = [
  0,
  1,
  -1,
  23,
  127,
  128,
  -32,
  -33,
  -128,
  255,
  256,
  32_767,
  65_535,
  65_536,
  -65_537,
  2 ** 31,
  -(2 ** 31),
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  -(2 ** 53),
  0.1,
  -1.5,
  5e-324,
  1.7976931348623157e308,
  1e21,
];

export class Chance {
  readonly #random: (bytes: number) => Uint8Array;

  constructor(seed: number) {
    this.#random = seededRandom(seed);
  }

  bytes(length: number): Uint8Array {
    return this.#random(length);
  }

  /** A whole number below `limit`. */
  below(limit: number): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#random(4);
    return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) % Math.max(1, limit);
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  /** Any text of UTF-16 units without surrogates, or one that is known to be troublesome. */
  text(): string {
    if (this.below(3) === 0) return this.pick(TEXTS);
    return String.fromCharCode(...Array.from({ length: this.below(12) }, () => this.#unit()));
  }

  key(kinds: readonly CodecKind[]): string {
    if (kinds.includes("lone-surrogates") && this.below(12) === 0) return `${this.text()}\ud800`;
    if (this.below(3) === 0) return this.pick(KEYS);
    const text = this.text();
    return text === "__proto__" ? "proto" : text;
  }

  number(): number {
    const [a = 0] = new Float64Array(this.#random(8).buffer);
    return this.below(2) === 0 && Number.isFinite(a) && a !== 0 ? a : this.pick(NUMBERS);
  }

  /** A value made of what JSON has and of `kinds`. */
  value(kinds: readonly CodecKind[], levels = 4): unknown {
    const inner = (): unknown => this.value(kinds, levels - 1);
    const many = <T>(make: () => T): T[] => Array.from({ length: this.below(5) }, make);
    if (levels > 0 && this.below(2) === 0) {
      switch (this.below(4)) {
        case 0:
          return many(inner);
        case 1:
          return kinds.includes("map") ? new Map(many(() => [inner(), inner()])) : many(inner);
        case 2:
          return kinds.includes("set") ? new Set(many(inner)) : many(inner);
        default:
          return Object.fromEntries(many(() => [this.key(kinds), inner()]));
      }
    }
    return this.#leaf(kinds);
  }

  #leaf(kinds: readonly CodecKind[]): unknown {
    const kind = kinds[this.below(kinds.length * 3)];
    if (kind === "bytes") return this.bytes(this.below(40));
    if (kind === "date") return new Date(this.below(2 ** 32) * 1000 - this.below(2 ** 32));
    if (kind !== undefined) return this.pick(examplesOf[kind]());
    switch (this.below(4)) {
      case 0:
        return this.text();
      case 1:
        return this.number();
      default:
        return this.pick([true, false, null]);
    }
  }

  #unit(): number {
    const unit = this.below(2) === 0 ? this.below(0x80) : this.below(0x10000);
    return unit >= 0xd800 && unit <= 0xdfff ? 0x4e00 : unit;
  }
}
