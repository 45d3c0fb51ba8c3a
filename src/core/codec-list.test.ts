import { describe, expect, it } from "vitest";
import type { Codec } from "../codecs/contract.ts";
import { taggedJson } from "../codecs/tagged-json.ts";
import { InvalidOptionError } from "../errors.ts";
import { readCodecs, readsUnsealed } from "./codec-list.ts";

const codec = (id: number, more: Partial<Codec> = {}): Codec => ({
  ...taggedJson,
  id,
  name: `codec-${id}`,
  ...more,
});
const sealing = codec(129, { sealed: true });
const ids = (given?: unknown): readonly number[] => readCodecs(given, taggedJson).map(({ id }) => id);

describe("the option codec", () => {
  it("is tagged JSON alone where nothing is named", () => {
    expect(ids()).toEqual([1]);
  });

  it("as one plain codec goes on reading tagged JSON", () => {
    expect(ids(codec(2))).toEqual([2, 1]);
    expect(ids(taggedJson)).toEqual([1]);
  });

  it("as one sealing codec reads nothing else", () => {
    expect(ids(sealing)).toEqual([129]);
  });

  it("as a list is exactly that list, and says what in it is not sealed", () => {
    expect(ids([codec(2)])).toEqual([2]);
    expect(ids([sealing, codec(130, { sealed: true })])).toEqual([129, 130]);
    const moving = readCodecs([sealing, taggedJson], codec(9));
    expect([moving.map(({ id }) => id), readsUnsealed(moving)]).toEqual([[129, 1], ["tagged-json"]]);
    expect(readsUnsealed(readCodecs([taggedJson, sealing], taggedJson))).toEqual([]);
  });

  it.each<[string, unknown, RegExp]>([
    ["no codec", "json", /^Option codec: must be a codec/],
    ["null", null, /^Option codec: must be a codec/],
    ["an empty list", [], /^Option codec: is an empty list/],
    ["something else in the list", [taggedJson, {}], /^Option codec\[1\]: must be a codec, with copy/],
    ["no name", codec(2, { name: "" }), /name/],
    ["an id of more than a byte", codec(256), /id from 1 to 255/],
    ["the id 0", codec(0), /id from 1 to 255/],
    ["a fraction as id", codec(1.5), /id from 1 to 255/],
    ["two codecs of one id", [taggedJson, codec(1)], /"tagged-json" and "codec-1" have the same id 1/],
    ["one codec twice", [codec(5), codec(5)], /have the same id 5/],
    ["a bare codec that trusts its bytes", codec(7, { untrustedSafe: false }), /inside encrypted/],
    [
      "the same in a list",
      [sealing, codec(7, { untrustedSafe: false })],
      /^Option codec\[1\].*inside encrypted/,
    ],
  ])("refuses %s", (_, given, message) => {
    expect(() => readCodecs(given, taggedJson)).toThrow(InvalidOptionError);
    expect(() => readCodecs(given, taggedJson)).toThrow(message);
  });
});
