import { Encoder } from "@msgpack/msgpack";
import { describe, expect, it } from "vitest";
import { spell } from "../../test/support/spell-value.ts";
import { UndecodableError } from "../errors.ts";
import { msgpack } from "./msgpack.ts";

const context = { id: "s", limits: { maxBytes: 64 * 1024, maxDepth: 64 } };
const hexOf = (value: unknown): string => Buffer.from(msgpack.encode(value, context)).toString("hex");
const read = (hex: string): unknown => msgpack.decode(Buffer.from(hex.replaceAll(" ", ""), "hex"), context);
const ascii = (text: string): string => Buffer.from(text).toString("hex");

/** What stored rows look like. A change here is one that today's rows cannot be read after. */
describe("the layout of MessagePack", () => {
  const url = "https://shop.example/";
  it.each<readonly [string, unknown, string]>([
    ["null, booleans", [null, true, false], "93 c0 c3 c2"],
    ["numbers", [1, -1, 200, 2 ** 40, 1.5], "95 01 ff ccc8 cb4270000000000000 cb3ff8000000000000"],
    ["text", ["tea", "é"], `92 a3${ascii("tea")} a2c3a9`],
    ["objects", { a: {} }, "81 a161 80"],
    ["undefined", [undefined], "91 c70001"],
    ["minus zero", [-0], "91 c70002"],
    ["NaN and infinity", [Number.NaN, Number.POSITIVE_INFINITY], "92 cb7ff8000000000000 cb7ff0000000000000"],
    ["bigints of 64 bits", [5n, -5n], "92 cf0000000000000005 d3fffffffffffffffb"],
    ["larger bigints", [2n ** 64n], `91 c71403${ascii("18446744073709551616")}`],
    [
      "dates",
      [new Date(1000), new Date(1500), new Date(-1)],
      "93 d6ff00000001 d7ff7735940000000001 c70cff3b8b87c0ffffffffffffffff",
    ],
    ["URLs", [new URL(url)], `91 c71504${ascii(url)}`],
    ["lone surrogates", ["\ud800"], "91 d50500d8"],
    ["bytes", [Uint8Array.of(1, 2)], "91 c4020102"],
    ["Maps", [new Map([["a", 1]])], "91 93 c70006 a161 01"],
    ["Sets", [new Set(["a"])], "91 92 c70007 a161"],
    ["keys UTF-8 cannot hold", [{ "\ud800": 1, b: 2 }], "91 95 c70008 d50500d8 01 a162 02"],
  ])("%s", (_, value, hex) => {
    expect(hexOf(value)).toBe(hex.replaceAll(" ", ""));
    expect(spell(read(hex))).toEqual(spell(value));
  });
});

describe("other writers of MessagePack", () => {
  it("may use longer forms than are needed", () => {
    expect(read("dc0002 d90161 ca3fc00000")).toEqual(["a", 1.5]);
    expect(read("dd00000001 df00000001 da000161 cd0001")).toEqual([{ a: 1 }]);
    expect(read("91 cb8000000000000000")).toEqual([-0]);
  });

  it("give bigints where they give 64 bits", () => {
    const bytes = new Encoder({ useBigInt64: false }).encode([2 ** 40, -(2 ** 40)]);
    expect(msgpack.decode(bytes, context)).toEqual([2n ** 40n, -(2n ** 40n)]);
  });
});

describe("what MessagePack refuses to read", () => {
  it.each([
    ["nothing", ""],
    ["a byte without meaning", "91 c1"],
    ["an unknown extension", "91 d46301"],
    ["an unknown extension without content", "91 c70063"],
    ["an extension of the specification's range", "91 d4fe01"],
    ["undefined with content", "91 d40100"],
    ["minus zero with content", "91 d40200"],
    ["a mark with content", "91 92 d40600 01"],
    ["a mark by itself", "c70006"],
    ["a mark in a field", "81 a161 c70006"],
    ["a mark behind the first item", "92 01 c70006"],
    ["a mark behind a mark", "92 c70006 c70006"],
    ["a mark in a field that comes twice", "82 a161 01 a161 c70006"],
    ["a mark as key", "81 c70006 01"],
    ["a Map with a key and no value", "92 c70006 01"],
    ["a Map with a key twice", "95 c70006 01 02 01 03"],
    ["a Set with a member twice", "93 c70007 01 01"],
    ["a marked object that needs no mark", "93 c70008 a161 01"],
    ["an empty marked object", "91 c70008"],
    ["a marked object with a key and no value", "92 c70008 d50500d8"],
    ["a marked object with a key that is no text", "95 c70008 d50500d8 01 02 03"],
    ["a marked object with a key twice", "95 c70008 d50500d8 01 d50500d8 02"],
    ["a marked object with __proto__", `95 c70008 d50500d8 01 a9${ascii("__proto__")} 02`],
    ["a marked object with a key too long", `95 c70008 d50500d8 01 da0101${"61".repeat(257)} 02`],
    ["a key that is a number, beside one that comes twice", "83 a161 01 a161 02 01 03"],
    ["a key too long", `81 da0101${"61".repeat(257)} 02`],
    ["a bigint that needs no extension", `91 d503${ascii("12")}`],
    ["a bigint with leading zeros", `91 c71503${ascii("018446744073709551616")}`],
    ["a bigint of 1001 digits", `91 c803e903${ascii("9".repeat(1001))}`],
    ["a bigint that is none", `91 d503${ascii("0x")}`],
    ["a Date finer than a millisecond", "91 d7ff 00000004 00000001"],
    ["a Date of a second and more of nanoseconds", "91 c70cff 3b9aca00 0000000000000000"],
    ["a Date beyond the end of time", "91 c70cff 00000000 0fffffffffffffff"],
    ["a Date of two bytes", "91 d5ff0001"],
    ["a relative URL", `91 d504${ascii("/a")}`],
    ["a URL that reads differently when parsed", `91 c71404${ascii("HTTPS://shop.example")}`],
    ["UTF-16 that UTF-8 could hold", "91 d5056100"],
    ["half a unit of UTF-16", "91 c7030500d861"],
  ])("%s", (_, hex) => {
    expect(() => read(hex)).toThrow(UndecodableError);
  });
});
