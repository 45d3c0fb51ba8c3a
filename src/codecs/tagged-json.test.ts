import { describe, expect, it, vi } from "vitest";
import { spell } from "../../test/support/spell-value.ts";
import { DataTooLargeError, UndecodableError, UnsupportedValueError } from "../errors.ts";
import type { CodecLimits } from "./contract.ts";
import { taggedJson } from "./tagged-json.ts";

const limits: CodecLimits = { maxBytes: 64 * 1024, maxDepth: 64 };
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const encode = (value: unknown, within = limits): Uint8Array =>
  taggedJson.encode(value, { id: "s", limits: within });
const decode = (bytes: Uint8Array, within = limits): unknown =>
  taggedJson.decode(bytes, { id: "s", limits: within });
const copy = (value: unknown, path = "cart", within = limits): unknown =>
  taggedJson.copy(value, path, within);
const textOf = (value: unknown): string => new TextDecoder().decode(encode(value));
const nested = (levels: number, innermost: unknown = 1): unknown => {
  let value = innermost;
  for (let level = 0; level < levels; level++) value = [value];
  return value;
};
function thrownBy(act: () => unknown): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe("what tagged JSON carries", () => {
  const kinds: readonly (readonly [string, unknown])[] = [
    ["null", null],
    ["text with every kind of escape", '\u0000"\\\n\u2028\u007f é 漢 \u{1f600}'],
    ["a lone surrogate", "a\ud800b\udc00"],
    ["numbers", [0, -1, 1.5, 5e-324, 1.7976931348623157e308, 2 ** 53]],
    ["numbers JSON does not have", [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]],
    ["undefined, as value and as element", { gone: undefined, list: [undefined] }],
    ["bigints", [0n, -1n, 12345678901234567890n, 10n ** 999n]],
    ["dates", [new Date(0), new Date(-1), new Date(8.64e15), new Date(-8.64e15)]],
    ["URLs", [new URL("https://shop.example/a?b=c#d"), new URL("mailto:a@b.example")]],
    ["bytes", [new Uint8Array(), new Uint8Array([0, 255, 1]), new Uint8Array([1, 2, 3, 4]).subarray(1, 3)]],
    [
      "maps with any keys",
      new Map<unknown, unknown>([
        ["a", 1],
        [{ b: 2 }, new Map([[Number.NaN, -0]])],
        [undefined, null],
      ]),
    ],
    ["sets", new Set<unknown>([1, "1", undefined, new Set(), [2]])],
    [
      "keys that mean something elsewhere",
      { constructor: 1, prototype: 2, toString: 3, "": 4, hasOwnProperty: 5 },
    ],
    ["objects that own the tag", [{ $: 1 }, { $: ["Date", 0] }, { $: ["x"], and: { $: undefined } }]],
    ["an empty object, list, map and set", [{}, [], new Map(), new Set()]],
  ];

  it.each(kinds)("%s comes back the same", (_, value) => {
    expect(spell(decode(encode(value)))).toEqual(spell(value));
    expect(spell(copy(value))).toEqual(spell(value));
  });

  it("dates and URLs are real ones again", () => {
    const [at, url] = decode(encode([new Date(5), new URL("https://shop.example")])) as [Date, URL];
    expect(at.getTime()).toBe(5);
    expect(url.href).toBe("https://shop.example/");
  });

  it("plain data is plain JSON, and plain JSON is understood", () => {
    const data = { cart: ["a", 1, null, true], theme: "dark" };
    expect(textOf(data)).toBe(JSON.stringify(data));
    expect(decode(bytesOf(' { "cart" : [ 1e2 , "\\u0024" ] } '))).toEqual({ cart: [100, "$"] });
  });

  it("an object without prototype becomes a plain one", () => {
    const bare = Object.assign(Object.create(null), { a: 1 });
    expect(copy(bare)).toStrictEqual({ a: 1 });
    expect(decode(encode(bare))).toStrictEqual({ a: 1 });
  });

  it("a value referred to twice is stored twice", () => {
    const shared = { a: 1 };
    const [first, second] = copy([shared, shared]) as [object, object];
    expect(first).toEqual(second);
    expect(first).not.toBe(second);
  });

  it("a copy shares nothing with its source", () => {
    const source = { list: [1], at: new Date(5), bytes: new Uint8Array([1]), map: new Map([["a", [1]]]) };
    const copied = copy(source) as typeof source;
    source.list.push(2);
    source.at.setTime(6);
    source.bytes[0] = 9;
    source.map.get("a")?.push(2);
    expect(copied).toEqual({
      list: [1],
      at: new Date(5),
      bytes: new Uint8Array([1]),
      map: new Map([["a", [1]]]),
    });
  });

  it("decoded bytes have memory of their own", () => {
    const [bytes] = decode(encode([new Uint8Array([1, 2])])) as [Uint8Array];
    expect(bytes.buffer.byteLength).toBe(2);
  });
});

describe("what tagged JSON refuses to store", () => {
  class Cart {}
  class Later extends Date {}
  const cyclic: { a: { b: unknown } } = { a: { b: null } };
  cyclic.a.b = cyclic;
  const cyclicMap = new Map<string, unknown>();
  cyclicMap.set("me", [cyclicMap]);
  const holes = [1, 2];
  holes.length = 3;
  const detached = new Uint8Array(4);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });

  const refused: readonly (readonly [string, unknown, string])[] = [
    ["a function", { when: () => 1 }, "cart.when"],
    ["a symbol", [Symbol("s")], "cart[0]"],
    ["a symbol as key", { a: { [Symbol("s")]: 1 } }, "cart.a"],
    ["a class instance", { "a b": new Cart() }, 'cart["a b"]'],
    ["a subclass of Date", [new Later()], "cart[0]"],
    ["a foreign prototype", [Object.create({ inherited: 1 })], "cart[0]"],
    ["a boxed text", [new String("s")], "cart[0]"],
    ["a RegExp", [/x/], "cart[0]"],
    ["an Error", [new Error("x")], "cart[0]"],
    ["a Promise", [Promise.resolve()], "cart[0]"],
    ["a Buffer", [Buffer.from("x")], "cart[0]"],
    ["another typed array", [new Float64Array(1)], "cart[0]"],
    ["an ArrayBuffer", [new ArrayBuffer(1)], "cart[0]"],
    ["bytes whose buffer is gone", [detached], "cart[0]"],
    ["an invalid Date", { at: new Date(Number.NaN) }, "cart.at"],
    ["a Date in name only", [Object.create(Date.prototype)], "cart[0]"],
    ["a Map in name only", [Object.create(Map.prototype)], "cart[0]"],
    ["a Set in name only", [Object.create(Set.prototype)], "cart[0]"],
    ["a URL in name only", [Object.create(URL.prototype)], "cart[0]"],
    ["a Uint8Array in name only", [Object.create(Uint8Array.prototype)], "cart[0]"],
    ["a list in name only", [Object.create(Array.prototype)], "cart[0]"],
    ["a Date with fields", [Object.assign(new Date(), { zone: "CET" })], "cart[0]"],
    ["a Map with fields", [Object.assign(new Map(), { extra: 1 })], "cart[0]"],
    ["a Set with fields", [Object.assign(new Set(), { extra: 1 })], "cart[0]"],
    ["a list with fields", [Object.assign([1], { extra: 1 })], "cart[0]"],
    ["a list with holes", { list: holes }, "cart.list[2]"],
    ["a cycle", cyclic, "cart.a.b"],
    ["a cycle through a Map", cyclicMap, 'cart.get("me")[0]'],
    [
      "an accessor",
      {
        get total() {
          return 1;
        },
      },
      "cart.total",
    ],
    ["a hidden field", Object.defineProperty({}, "hidden", { value: 1 }), "cart.hidden"],
    ["the key __proto__", JSON.parse('{"a":{"__proto__":{"admin":true}}}'), "cart.a.__proto__"],
    ["a key of 257 characters", { ["k".repeat(257)]: 1 }, `cart["${"k".repeat(40)}..."]`],
    ["a bigint of 1001 digits", [10n ** 1000n], "cart[0]"],
    ["something inside a Map", new Map([["k", [() => 1]]]), 'cart.get("k")[0]'],
    ["something as key of a Map", new Map([[() => 1, 1]]), "cart.keys()[0]"],
    ["something under a key that is no text", new Map([[1, () => 1]]), "cart.values()[0]"],
    ["something inside a Set", new Set([1, () => 1]), "cart.values()[1]"],
  ];

  it.each(refused)("%s, with the path to it", (_, value, path) => {
    const error = thrownBy(() => copy(value));
    expect(error).toBeInstanceOf(UnsupportedValueError);
    expect(error).toHaveProperty("path", path);
  });

  // What a schema puts out was never copied, so encoding looks again; only what reads like data can hide from it.
  const hidden = ["an accessor", "a hidden field", "a symbol as key", "a list with fields"];
  it.each(refused.filter(([kind]) => !hidden.includes(kind)))("%s, when encoding too", (_, value) => {
    expect(thrownBy(() => encode(value))).toBeInstanceOf(UnsupportedValueError);
  });

  it("a URL that would read differently when parsed again, should there be one", () => {
    const parse = vi.spyOn(URL, "parse").mockReturnValue(null);
    const error = thrownBy(() => copy([new URL("https://shop.example")]));
    parse.mockRestore();
    expect(error).toBeInstanceOf(UnsupportedValueError);
  });

  it("a path of several words is set apart from what follows", () => {
    expect(() => copy({ cart: [{ "a b": () => 1 }] }, "session data")).toThrow(
      'session data: cart[0]["a b"]: ',
    );
    expect(() => copy(() => 1, "session data")).toThrow("session data: a function cannot be stored");
  });

  it("the accepted neighbours of what is refused", () => {
    const near = [
      { ["k".repeat(256)]: 1 },
      10n ** 1000n - 1n,
      -(10n ** 1000n) + 1n,
      { proto: 1, _proto__: 2 },
    ];
    expect(decode(encode(near))).toStrictEqual(near);
    expect(copy(near)).toStrictEqual(near);
  });
});

describe("depth and size", () => {
  it("64 levels are stored, 65 are not", () => {
    expect(decode(encode(nested(64)))).toEqual(nested(64));
    expect(copy(nested(64))).toEqual(nested(64));
    expect(thrownBy(() => encode(nested(65)))).toBeInstanceOf(UnsupportedValueError);
    expect(thrownBy(() => copy(nested(65)))).toBeInstanceOf(UnsupportedValueError);
    expect(thrownBy(() => decode(bytesOf(JSON.stringify(nested(65)))))).toBeInstanceOf(UndecodableError);
  });

  it("tagged values count as the levels they are, not as those they are written with", () => {
    const deep = (levels: number): unknown => {
      let value: unknown = new Date(1);
      for (let level = 0; level < levels; level++) {
        value = level % 3 === 0 ? { $: value } : level % 3 === 1 ? new Map([["k", value]]) : new Set([value]);
      }
      return value;
    };
    expect(decode(encode(deep(64)))).toStrictEqual(deep(64));
    expect(() => encode(deep(65))).toThrow(UnsupportedValueError);
    const wide = { maxBytes: 1e6, maxDepth: 65 };
    expect(() => decode(encode(deep(65), wide))).toThrow(UndecodableError);
  });

  it("a copy may start below the top", () => {
    expect(taggedJson.copy(nested(62), "cart", limits, 3)).toEqual(nested(62));
    expect(() => taggedJson.copy(nested(63), "cart", limits, 3)).toThrow(UnsupportedValueError);
  });

  it.each([10_000, 200_000])("%i levels are an error and no stack overflow", (levels) => {
    const wide = { maxBytes: 1e8, maxDepth: Number.MAX_SAFE_INTEGER };
    expect(thrownBy(() => copy(nested(levels), "cart", wide))).toBeInstanceOf(UnsupportedValueError);
    expect(thrownBy(() => encode(nested(levels), wide))).toBeInstanceOf(UnsupportedValueError);
    for (const text of [
      "[".repeat(levels),
      `${"[".repeat(levels)}${"]".repeat(levels)}`,
      '{"a":'.repeat(levels),
    ]) {
      expect(thrownBy(() => decode(bytesOf(text), wide))).toBeInstanceOf(UndecodableError);
      expect(thrownBy(() => decode(bytesOf(text)))).toBeInstanceOf(UndecodableError);
    }
  });

  it("text nested too deep never reaches the parser, whose stack is not ours", () => {
    const parse = vi.spyOn(JSON, "parse");
    const text = `${"[".repeat(200)}${"]".repeat(200)}`;
    expect(thrownBy(() => decode(bytesOf(text)))).toBeInstanceOf(UndecodableError);
    expect(parse).not.toHaveBeenCalled();
    parse.mockRestore();
  });

  it("exactly as many bytes as allowed are stored, one more is not", () => {
    const value = { text: "é".repeat(10), at: new Date(1) };
    const size = encode(value).byteLength;
    const exact = { ...limits, maxBytes: size };
    const short = { ...limits, maxBytes: size - 1 };
    expect(decode(encode(value, exact), exact)).toStrictEqual(value);
    expect(() => encode(value, short)).toThrow(DataTooLargeError);
    expect(() => decode(encode(value), short)).toThrow(UndecodableError);
    expect(() => encode(value, short)).toThrow(`would take ${size} bytes; the limit is ${size - 1}`);
  });

  it("a copy that cannot fit is refused before it is made", () => {
    const small = { ...limits, maxBytes: 100 };
    expect(copy({ a: "x".repeat(80) }, "cart", small)).toEqual({ a: "x".repeat(80) });
    for (const large of [
      "x".repeat(200),
      new Uint8Array(100),
      { ["k".repeat(101)]: 1 },
      Array.from({ length: 60 }, () => 1),
    ]) {
      expect(() => copy(large, "cart", small)).toThrow(DataTooLargeError);
    }
    expect(() => copy(Object.assign([], { length: 2 ** 32 - 1 }))).toThrow(DataTooLargeError);
  });

  it("one text referred to many times counts each time", () => {
    const long = "x".repeat(60_000);
    const list = Array.from({ length: 20_000 }, () => long);
    expect(() => copy(list)).toThrow(DataTooLargeError);
    expect(() => encode(list)).toThrow(DataTooLargeError);
    expect(() => encode(Object.fromEntries(list.map((text, index) => [index, text])))).toThrow(
      DataTooLargeError,
    );
  });

  it("a small web of shared references does not blow up", () => {
    let web: unknown = ["x"];
    for (let level = 0; level < 60; level++) web = [web, web];
    expect(() => copy(web)).toThrow(DataTooLargeError);
    expect(() => encode(web)).toThrow(DataTooLargeError);
    let empty: unknown = [];
    for (let level = 0; level < 60; level++)
      empty = new Map([
        [1, empty],
        [2, empty],
      ]);
    expect(() => copy(empty)).toThrow(DataTooLargeError);
    expect(() => encode(empty)).toThrow(DataTooLargeError);
  });
});

describe("what tagged JSON refuses to read", () => {
  const long = "9".repeat(1002);
  const texts: readonly (readonly [string, string])[] = [
    ["nothing", ""],
    ["a truncated text", '{"a":1'],
    ["a truncated string", '{"a":"b\\'],
    ["trailing garbage", '{"a":1}x'],
    ["a second value", "{}{}"],
    ["a comment", "{}//"],
    ["a byte order mark", "\ufeff{}"],
    ["XML", "<a/>"],
    ["a key twice", '{"a":1,"a":2}'],
    ["a key twice, deep inside", '[{"b":{"a":1,"\\u0061":1}}]'],
    ["a tag twice", '{"$":["Date",1],"$":["Date",2]}'],
    ["__proto__", '{"a":{"__proto__":{}}}'],
    ["__proto__ in disguise", '{"\\u005f_proto__":1}'],
    ["__proto__ in a wrapped object", '{"$":["object",{"$":1,"__proto__":1}]}'],
    ["a key of 257 characters", JSON.stringify({ ["k".repeat(257)]: 1 })],
    ["an unknown tag", '{"$":["RegExp","x"]}'],
    ["a tag that names a property", '{"$":["constructor","x"]}'],
    ["a tag without a list", '{"$":1}'],
    ["a tag without a name", '{"$":[]}'],
    ["a tag whose name is no text", '{"$":[["Date"],1]}'],
    ["a tag with company", '{"$":["Date",1],"a":1}'],
    ["a tag with company before it", '{"0":1,"$":["Date",1]}'],
    ["a tag in disguise", '{"\\u0024":["RegExp","x"]}'],
    ["a Date that is no number", '{"$":["Date","1"]}'],
    ["a Date out of range", '{"$":["Date",8640000000000001]}'],
    ["a Date that is not finite", '{"$":["Date",1e999]}'],
    ["half a millisecond", '{"$":["Date",0.5]}'],
    ["a Date without time", '{"$":["Date"]}'],
    ["a Date with more than a time", '{"$":["Date",1,2]}'],
    ["undefined with content", '{"$":["undefined",1]}'],
    ["a number JSON has", '{"$":["number","1"]}'],
    ["an empty bigint", '{"$":["bigint",""]}'],
    ["a bigint with leading zeros", '{"$":["bigint","007"]}'],
    ["minus nought", '{"$":["bigint","-0"]}'],
    ["a hexadecimal bigint", '{"$":["bigint","0x1f"]}'],
    ["a bigint with blanks", '{"$":["bigint"," 1"]}'],
    ["a bigint too long", `{"$":["bigint","${long}"]}`],
    ["a relative URL", '{"$":["URL","/a"]}'],
    ["a URL that reads differently when parsed", '{"$":["URL","HTTPS://shop.example"]}'],
    ["base64 with a stray character", '{"$":["bytes","AA=A"]}'],
    ["base64 without padding", '{"$":["bytes","AA"]}'],
    ["base64 with leftover bits", '{"$":["bytes","AB=="]}'],
    ["base64url", '{"$":["bytes","-_-_"]}'],
    ["a Map with a key and no value", '{"$":["Map",1]}'],
    ["a Map with a key twice", '{"$":["Map","a",1,"a",2]}'],
    ["a Set with a member twice", '{"$":["Set",1,1]}'],
    ["a wrapped object that needs no wrapper", '{"$":["object",{"a":1}]}'],
    ["a wrapped list", '{"$":["object",[1]]}'],
    ["a wrapped nothing", '{"$":["object",null]}'],
    ["a wrapper without content", '{"$":["object"]}'],
  ];

  it.each(texts)("%s", (_, text) => {
    expect(thrownBy(() => decode(bytesOf(text)))).toBeInstanceOf(UndecodableError);
    expect(thrownBy(() => decode(bytesOf(`[1,${text}]`)))).toBeInstanceOf(UndecodableError);
  });

  it.each([
    ["invalid UTF-8", [0x22, 0xff, 0x22]],
    ["an overlong form", [0x22, 0xc0, 0xa2, 0x22]],
    ["a surrogate in UTF-8", [0x22, 0xed, 0xa0, 0x80, 0x22]],
    ["a character cut in two", [0x22, 0xe6, 0xbc, 0x22]],
  ])("%s", (_, bytes) => {
    expect(thrownBy(() => decode(new Uint8Array(bytes)))).toBeInstanceOf(UndecodableError);
  });

  it("the error quotes nothing of the data", () => {
    const error = thrownBy(() => decode(bytesOf('{"password":"hunter2",}')));
    expect(error).toBeInstanceOf(UndecodableError);
    expect(String(error)).not.toContain("hunter2");
    expect(error).not.toHaveProperty("cause");
  });

  it("a decoded object named like a trap is data", () => {
    const value = decode(bytesOf('{"constructor":{"prototype":{"polluted":1}}}')) as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(spell(value)).toEqual(spell({ constructor: { prototype: { polluted: 1 } } }));
    expect("polluted" in {}).toBe(false);
  });
});
