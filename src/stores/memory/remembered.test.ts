import { expect, test } from "vitest";
import { Remembered } from "./remembered.ts";

test("what is set is remembered until its time is over", () => {
  const remembered = new Remembered<{ at: number }>(100);
  remembered.set("a", { at: 50 });
  expect(remembered.get("a", 149)).toEqual({ at: 50 });
  expect(remembered.get("a", 150)).toBeUndefined();
  expect(remembered.get("b", 50)).toBeUndefined();
});

test("forgetting stops at the limit and says whether there is more", () => {
  const remembered = new Remembered<{ at: number }>(100);
  for (const key of ["a", "b", "c"]) remembered.set(key, { at: 0 });
  remembered.set("d", { at: 60 });
  expect(remembered.forget(99, 10)).toBe(false);
  expect(remembered.forget(100, 2)).toBe(true);
  expect(remembered.forget(100, 2)).toBe(false);
  expect(remembered.get("c", 0)).toBeUndefined();
  expect(remembered.get("d", 100)).toEqual({ at: 60 });
});

test("stays small where nobody sweeps", () => {
  const remembered = new Remembered<{ at: number }>(100);
  for (let at = 0; at < 10_000; at++) remembered.set(`key-${at}`, { at });
  expect(remembered.size).toBeLessThanOrEqual(101);
});

test("above its bound the oldest goes; one that is set again counts as new", () => {
  const remembered = new Remembered<{ at: number }>(100, 2);
  remembered.set("a", { at: 1 });
  remembered.set("b", { at: 2 });
  remembered.set("a", { at: 3 });
  remembered.set("c", { at: 4 });
  expect(["a", "b", "c"].map((key) => remembered.get(key, 5)?.at)).toEqual([3, undefined, 4]);
});
