import { hash, randomBytes } from "node:crypto";
import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../errors.ts";
import { looksRandom } from "./entropy.ts";
import { createKeyRing, type Keys, newKey } from "./key-ring.ts";

const [a, b, c] = [newKey(), newKey(), newKey()];
const text = (bytes: Uint8Array): string => `sojourn1_${Buffer.from(bytes).toString("base64url")}`;

function messageOf(keys: unknown): string {
  try {
    createKeyRing(keys as Keys, "test");
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidOptionError);
    return (error as Error).message;
  }
  return "";
}

describe("a key ring", () => {
  it("takes one key, a list, and several in one text, the first of which seals", () => {
    for (const keys of [[a, b, c], `${a} ${b} ${c}`, ` ${a},${b}\n${c}, `, [`${a},${b}`, c]]) {
      const ring = createKeyRing(keys, "test");
      const ids = [a, b, c].map((key) => createKeyRing(key, "test").first.id);
      expect(ring.first.id).toEqual(ids[0]);
      expect(ids.map((id) => ring.find(id)?.id)).toEqual(ids);
    }
  });

  it("finds a key by its id and none by another", () => {
    const ring = createKeyRing([a, b], "test");
    expect(ring.find(ring.first.id)).toBe(ring.first);
    expect(ring.find(createKeyRing(c, "test").first.id)).toBeNull();
    for (const id of [new Uint8Array(4), new Uint8Array(0), ring.first.id.subarray(1)])
      expect(ring.find(id)).toBeNull();
  });

  it("derives from one key other keys for each purpose and each use, and always the same", () => {
    const made = ["one", "two"].flatMap((purpose) => {
      const { first } = createKeyRing(a, purpose);
      return [first.id, first.derive("x").export(), first.derive("y").export()].map((bytes) =>
        Buffer.from(bytes).toString("hex"),
      );
    });
    expect(new Set(made).size).toBe(6);
    expect(createKeyRing([b, a], "one").find(createKeyRing(a, "one").first.id)?.derive("x").export()).toEqual(
      createKeyRing(a, "one").first.derive("x").export(),
    );
    expect(createKeyRing(a, "one").first.derive("x").symmetricKeySize).toBe(32);
  });

  it("derives as RFC 5869 says", () => {
    // Worked out with another implementation of HKDF: extract with salt "sojourn", expand with info, then expand again.
    const key = text(hash("sha256", "a key for a test", "buffer"));
    const { id, derive } = createKeyRing(key, "session-data").first;
    expect(Buffer.from(id).toString("hex")).toBe("bbca3e73");
    expect(derive("A".repeat(22)).export().toString("hex")).toBe(
      "3bb58f88c3f20474372671e6e4746aae4acfc66c5672f7d7c0fd799caf8e823e",
    );
  });

  it("shows no key when it is inspected or printed", () => {
    const ring = createKeyRing([a, b], "test");
    const shown = inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring);
    for (const key of [a, b]) {
      const bytes = Buffer.from(key.slice(9), "base64url");
      for (const form of [key.slice(9), bytes.toString("hex"), bytes.toString("base64")])
        expect(shown).not.toContain(form);
    }
  });

  it.each<[string, unknown, RegExp]>([
    ["nothing", undefined, /^Option keys: there is none\. Make one with `npx sojourn keys`/],
    ["an empty text", "", /there is none/],
    ["an empty list", [], /there is none/],
    [
      "a password",
      "correct horse battery staple",
      /key 1 of 4 is no key of ours: those begin with sojourn1_/,
    ],
    ["a list with something else", [a, 5], /key 2 of 2 is not a text/],
    ["a key that was cut short", a.slice(0, -3), /it has 40 characters after sojourn1_, and not 43/],
    ["two keys run together", a + b, /characters after sojourn1_, and not 43/],
    ["a key with a foreign character", `${a.slice(0, -2)}!A`, /altered/],
    ["a key whose last character no key has", `${a.slice(0, -1)}B`, /altered/],
    ["the same key twice", [a, b, a], /key 3 is in the ring already/],
    ["zeros", text(new Uint8Array(32)), /is not random/],
    ["a counter", text(Uint8Array.from({ length: 32 }, (_, at) => at)), /is not random/],
    ["a counter in steps", text(Uint8Array.from({ length: 32 }, (_, at) => at * 7)), /is not random/],
    [
      "a pattern",
      text(Uint8Array.from({ length: 32 }, (_, at) => [1, 200, 77, 9][at % 4] ?? 0)),
      /is not random/,
    ],
    [
      "a password of 32 characters",
      text(Buffer.from("correct-Horse_battery#Staple 4711")),
      /not 43|is not random/,
    ],
    ["a text of 32 characters", text(Buffer.from("f3b1c0ffee5eed15badc0de5deadbeef")), /is not random/],
  ])("refuses %s, and quotes nothing of it", (_, keys, message) => {
    const said = messageOf(keys);
    expect(said).toMatch(message);
    for (const key of [a, b, "correct", "horse"]) expect(said).not.toContain(key.slice(9) || key);
  });
});

describe("a new key", () => {
  it("is a key, 52 characters long, and never the same", () => {
    expect(a).toMatch(/^sojourn1_[\w-]{43}$/);
    expect(new Set(Array.from({ length: 100 }, () => newKey())).size).toBe(100);
  });

  it("looks random, as 32 random bytes do", () => {
    for (let turn = 0; turn < 20_000; turn++) expect(looksRandom(randomBytes(32))).toBe(true);
  });

  it("no text of printable characters does", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", minLength: 32, maxLength: 32 }), (password) => {
        expect(looksRandom(Buffer.from(password))).toBe(false);
      }),
    );
  });
});
