import { describe, expect, it } from "vitest";
import { handOut } from "./values.ts";

describe("handed-out values", () => {
  it("are frozen through and through where they are plain", () => {
    const value = { list: [{ name: "tea" }] };
    const out = handOut(value) as typeof value;
    expect(() => out.list.push({ name: "cake" })).toThrow(TypeError);
    expect(() => Object.assign(out.list[0] ?? {}, { name: "cake" })).toThrow(TypeError);
    expect(handOut(value)).toBe(out);
  });

  it.each([
    ["a date", new Date(0), (value: Date) => value.setTime(1)],
    ["a map", new Map([["a", 1]]), (value: Map<string, number>) => value.set("a", 2)],
    ["a set", new Set([1]), (value: Set<number>) => value.add(2)],
    ["bytes", new Uint8Array([1]), (value: Uint8Array) => value.fill(9)],
    ["a URL", new URL("https://a.example/"), (value: URL) => (value.hash = "x")],
  ] as const)("are copies where %s is in them", (_, inner, mutate) => {
    const value = { inner };
    const out = handOut(value) as { inner: never };
    mutate(out.inner);
    expect(handOut(value)).toEqual({ inner });
    expect(handOut(value)).not.toEqual(out);
  });
});
