import { describe, expect, it } from "vitest";
import { UndecodableError, UnsupportedValueError } from "../errors.ts";
import { json } from "./json.ts";

const limits = { maxBytes: 64 * 1024, maxDepth: 64 };
const context = { id: "s", limits };

describe("plain JSON", () => {
  it("is JSON", () => {
    const data = { cart: ["a", 1, null, true], $: { $: ["Date", 1] } };
    const bytes = json.encode(data, context);
    expect(Buffer.from(bytes).toString()).toBe(JSON.stringify(data));
    expect(json.decode(Buffer.from(' {"a" : 1e2} '), context)).toEqual({ a: 100 });
  });

  it("writes minus zero as JSON has it", () => {
    expect(Buffer.from(json.encode([-0, { a: [-0] }], context)).toString()).toBe('[-0,{"a":[-0]}]');
  });

  it("says what to store instead", () => {
    const act = (): unknown => json.copy({ items: [{ when: new Date() }] }, "cart", limits);
    expect(act).toThrow(UnsupportedValueError);
    expect(act).toThrow("cart.items[0].when: a Date cannot be stored as plain JSON; store its getTime()");
  });

  it("refuses what a schema makes of the data, too", () => {
    expect(() => json.encode([{ at: new Date() }], context)).toThrow(UnsupportedValueError);
  });

  it.each([
    "[1e999]",
    '{"a":1,"a":1}',
    '{"__proto__":1}',
    `{"${"k".repeat(257)}":1}`,
    "{",
    "[1]x",
    "\ufeff[]",
  ])("does not read %s", (text) => {
    expect(() => json.decode(Buffer.from(text), context)).toThrow(UndecodableError);
  });
});
