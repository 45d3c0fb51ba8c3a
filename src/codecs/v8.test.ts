import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { UndecodableError, UnsupportedValueError } from "../errors.ts";
import { v8 } from "./v8.ts";

const context = { id: "s", limits: { maxBytes: 64 * 1024, maxDepth: 64 } };
const read = (bytes: Uint8Array): unknown => v8.decode(bytes, context);

/** Inside encryption nobody can write these. They are refused all the same: keys get lost, too. */
describe("what V8's format refuses to read", () => {
  const cyclic: unknown[] = [];
  cyclic.push(cyclic);
  const sparse: unknown[] = [];
  sparse.length = 2 ** 32 - 1;
  const holes = [1];
  holes[2] = 3;
  it.each<readonly [string, Uint8Array]>([
    ["nothing", new Uint8Array()],
    ["text", Buffer.from("{}")],
    ["a beginning", serialize([1, 2, 3]).subarray(0, -2)],
    ["more than one value", Buffer.concat([serialize([1]), serialize([2])])],
    ["a list of 2^32-1 from a few bytes", serialize(sparse)],
    ["a list with holes", serialize(holes)],
    ["what contains itself", serialize(cyclic)],
    ["a key named __proto__", serialize(JSON.parse('{"__proto__":{"polluted":1}}'))],
    ["a RegExp", serialize(/x/)],
    ["an Error", serialize(new Error("x"))],
    ["a Float64Array", serialize(new Float64Array(2))],
    ["a boxed text that is no URL", serialize([Object("no")])],
    ["a boxed number", serialize([Object(1)])],
    ["more than the limit", serialize("x".repeat(65_536))],
  ])("%s", (_, bytes) => {
    expect(() => read(bytes)).toThrow(UndecodableError);
  });

  it("leaves prototypes alone", () => {
    expect("polluted" in {}).toBe(false);
  });
});

describe("V8's format", () => {
  it("reads bytes into memory of their own", () => {
    const bytes = v8.encode([Uint8Array.of(1, 2, 3)], context);
    const [value] = read(bytes) as [Uint8Array];
    bytes.fill(0);
    expect([[...value], value.buffer.byteLength]).toEqual([[1, 2, 3], 3]);
  });

  it("refuses what a schema makes of the data, too", () => {
    expect(() => v8.encode([/x/], context)).toThrow(UnsupportedValueError);
  });

  it("is not for untrusted bytes", () => {
    expect(v8.untrustedSafe).toBe(false);
  });
});
