import { expect, test } from "vitest";
import { RecentMap } from "./recent-map.ts";

test("it forgets what was asked for longest ago, and never grows past its limit", () => {
  const map = new RecentMap<number>(3);
  for (const key of ["a", "b", "c"]) map.set(key, key.charCodeAt(0));
  expect(map.get("a")).toBe(97);
  map.set("d", 100);
  expect(["a", "b", "c", "d"].map((key) => map.get(key))).toEqual([97, undefined, 99, 100]);
  map.set("a", 1);
  expect([map.get("a"), map.size]).toEqual([1, 3]);
  for (let n = 0; n < 1000; n++) map.set(`key ${n}`, n);
  expect([map.size, map.get("key 999"), map.get("a")]).toEqual([3, 999, undefined]);
});
