import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { newKey } from "../core/key-ring.ts";
import { DataTooLargeError, InvalidOptionError, UndecodableError, UnsupportedValueError } from "../errors.ts";
import type { Codec, CodecContext } from "./contract.ts";
import { encrypted, type Keys } from "./encrypted.ts";
import { taggedJson } from "./tagged-json.ts";

const [oldKey, key] = [newKey(), newKey()];
const ID = randomBytes(16).toString("base64url");
const OTHER = randomBytes(16).toString("base64url");
const context = (id = ID, maxBytes = 65_536): CodecContext => ({ id, limits: { maxBytes, maxDepth: 65 } });

const sealed = (keys: Keys = key, codec: Codec = taggedJson): Codec => encrypted(codec, keys);

function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UndecodableError) return error.reason;
    throw error;
  }
  return "read";
}

describe("an encrypted codec", () => {
  it("gives back what it was given, and adds 33 bytes", () => {
    const value = [{ cart: ["tea"], at: new Date(5), big: 2n ** 70n }];
    const bytes = sealed().encode(value, context());
    expect(sealed().decode(bytes, context())).toEqual(value);
    expect(bytes.byteLength).toBe(taggedJson.encode(value, context()).byteLength + 33);
    expect(sealed()).toMatchObject({
      id: 129,
      name: "encrypted tagged-json",
      sealed: true,
      untrustedSafe: true,
      overhead: 33,
    });
  });

  it("gives back any data", () => {
    const codec = sealed();
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        fc.pre(!JSON.stringify(data).includes('"__proto__":')); // which no codec carries
        const plain = taggedJson.encode([data], context());
        expect(codec.decode(codec.encode([data], context()), context())).toEqual(
          taggedJson.decode(plain, context()),
        );
      }),
      { numRuns: 500 },
    );
  });

  it("never writes the same bytes, and none of the data", () => {
    const secret = "Ada Lovelace, 4111 1111 1111 1111";
    const written = Array.from({ length: 50 }, () => Buffer.from(sealed().encode([{ secret }], context())));
    expect(new Set(written.map((bytes) => bytes.subarray(5, 17).toString("hex"))).size).toBe(50);
    expect(new Set(written.map((bytes) => bytes.toString("hex"))).size).toBe(50);
    for (const bytes of written)
      for (const part of ["Lovelace", "4111 1111", "secret"]) expect(bytes.includes(part)).toBe(false);
  });

  it("opens nothing in which a bit was changed, and never asks the codec inside", () => {
    const inner = vi.fn(taggedJson.decode);
    const codec = sealed([key, oldKey], { ...taggedJson, decode: inner });
    const bytes = codec.encode([{ cart: ["tea", "milk"] }], context());
    for (let at = 0; at < bytes.byteLength; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ (1 << bit);
        expect(reasonOf(() => codec.decode(changed, context()))).toBe(at >= 1 && at < 5 ? "key" : "seal");
      }
    }
    expect(inner).not.toHaveBeenCalled();
  });

  it("opens nothing that was cut short, made longer, or never sealed", () => {
    const codec = sealed();
    const bytes = codec.encode([{ cart: ["tea"] }], context());
    for (let length = 0; length < bytes.byteLength; length++) {
      expect(reasonOf(() => codec.decode(bytes.subarray(0, length), context()))).toBe("seal");
      if (length > 0)
        expect(reasonOf(() => codec.decode(bytes.subarray(length), context()))).not.toBe("read");
    }
    const others = [
      Buffer.concat([bytes, bytes]),
      taggedJson.encode([{ cart: ["tea"] }], context()),
      Buffer.from("null"),
    ];
    for (const text of ["[{}]", '<?xml version="1.0"?><data/>', "x".repeat(100)])
      others.push(Buffer.from(text));
    for (const other of others) expect(reasonOf(() => codec.decode(other, context()))).not.toBe("read");
  });

  it("opens no bytes at all that it did not write", () => {
    const codec = sealed();
    const prefix = codec.encode([{}], context()).subarray(0, 5);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, hasPrefix) => {
        const tried = hasPrefix ? Buffer.concat([prefix, bytes]) : bytes;
        expect(reasonOf(() => codec.decode(tried, context()))).not.toBe("read");
      }),
    );
  });

  it("opens a session's data for that session alone", () => {
    const bytes = sealed().encode([{ admin: true }], context());
    expect(reasonOf(() => sealed().decode(bytes, context(OTHER)))).toBe("seal");
  });

  it("opens what was sealed for another codec no more than what was changed", () => {
    const twin: Codec = { ...taggedJson, id: 2, name: "twin" };
    const bytes = sealed().encode([{}], context());
    expect(reasonOf(() => sealed(key, twin).decode(bytes, context()))).toBe("seal");
  });

  it("leaves what was sealed and does not decode to the codec inside", () => {
    const writing: Codec = { ...taggedJson, encode: () => Buffer.from("{") };
    expect(reasonOf(() => sealed().decode(sealed(key, writing).encode([{}], context()), context()))).toBe(
      "damaged",
    );
  });
});

describe("its key ring", () => {
  it("seals with the first key, opens with all, and knows what an older one sealed", () => {
    const before = sealed(oldKey).encode([{ a: 1 }], context());
    const moving = sealed([key, oldKey]);
    expect(moving.decode(before, context())).toEqual([{ a: 1 }]);
    expect(moving.isCurrent?.(before)).toBe(false);
    const after = moving.encode([{ a: 1 }], context());
    expect(moving.isCurrent?.(after)).toBe(true);
    expect(sealed(key).decode(after, context())).toEqual([{ a: 1 }]);
  });

  it("without the key opens nothing and says that it is the key", () => {
    expect(reasonOf(() => sealed(key).decode(sealed(oldKey).encode([{}], context()), context()))).toBe("key");
  });

  it("shows no key when the codec is inspected", () => {
    const shown = inspect(sealed([key, oldKey]), { depth: 9, showHidden: true });
    for (const each of [key, oldKey]) expect(shown).not.toContain(each.slice(9));
  });
});

describe("its limits", () => {
  it("are those of the codec inside, with room for the seal", () => {
    const value = (length: number) => [{ a: "x".repeat(length) }];
    const size = taggedJson.encode(value(100), context()).byteLength;
    expect(sealed().encode(value(100), context(ID, size + 33)).byteLength).toBe(size + 33);
    expect(() => sealed().encode(value(101), context(ID, size + 33))).toThrow(DataTooLargeError);
    expect(() => sealed().copy({ a: "x".repeat(200) }, "data", context(ID, 133).limits)).toThrow(
      DataTooLargeError,
    );
    expect(() => sealed().copy({ a: () => 1 }, "data", context().limits)).toThrow(UnsupportedValueError);
    const long = sealed().encode(value(1000), context());
    expect(reasonOf(() => sealed().decode(long, context(ID, 500)))).toBe("seal");
  });
});

describe("encrypted()", () => {
  it("seals a codec that must not read foreign bytes, which is then safe", () => {
    const trusting: Codec = { ...taggedJson, id: 5, name: "trusting", untrustedSafe: false };
    expect(encrypted(trusting, key)).toMatchObject({ id: 133, untrustedSafe: true });
  });

  it.each<[string, unknown, unknown, RegExp]>([
    ["no codec", "json", key, /^Option codec/],
    ["null", null, key, /^Option codec/],
    ["a sealed one", encrypted(taggedJson, key), key, /sealed already/],
    ["one with an id that has no sealed form", { ...taggedJson, id: 128 }, key, /1 to 127/],
    ["no key", taggedJson, undefined, /^Option keys: there is none/],
    ["a password", taggedJson, "hunter2", /^Option keys/],
  ])("refuses %s", (_, codec, keys, message) => {
    expect(() => encrypted(codec as Codec, keys as Keys)).toThrow(InvalidOptionError);
    expect(() => encrypted(codec as Codec, keys as Keys)).toThrow(message);
  });
});
