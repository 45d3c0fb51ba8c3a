import { describe, test } from "vitest";
import { taggedJson } from "../../../src/codecs/tagged-json.ts";
import { codecContract, codecKinds, register } from "../../../src/testing/index.ts";

const text = (json: string): Uint8Array => new TextEncoder().encode(json);

const hostile = {
  "a bigint of 60,000 digits": text(`[{"$":["bigint","${"9".repeat(60_000)}"]}]`),
  "a tag that names a property": text('[{"$":["constructor","return 1"]}]'),
  "a tag in company": text('[{"$":["Date",1],"a":1}]'),
};

describe("the codec contract on tagged JSON", () => {
  register(codecContract({ create: () => taggedJson, carries: codecKinds, hostile }), test);
});
