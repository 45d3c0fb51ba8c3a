import { expect, test } from "vitest";
import { InvalidArgumentError } from "../errors.ts";
import { fakeClock, seededRandom } from "./clock.ts";

test("a fake clock stands still until it is moved, both ways", () => {
  const { now, advance, set } = fakeClock(1000);
  expect([now(), now()]).toEqual([1000, 1000]);
  advance(500);
  expect(now()).toBe(1500);
  advance(-700);
  expect(now()).toBe(800);
  set(5);
  expect(now()).toBe(5);
});

test("a fake clock begins at the same instant each time", () => {
  expect(fakeClock().now()).toBe(fakeClock().now());
});

test("a fake clock refuses what is no time", () => {
  const clock = fakeClock();
  expect(() => clock.advance(Number.NaN)).toThrow(InvalidArgumentError);
  expect(() => clock.set(Number.POSITIVE_INFINITY)).toThrow(InvalidArgumentError);
});

test("seeded bytes repeat with the seed, differ without, and go on rather than round", () => {
  const [first, again, other] = [seededRandom(1), seededRandom(1), seededRandom(2)];
  const bytes = first(64);
  expect(again(64)).toEqual(bytes);
  expect(other(64)).not.toEqual(bytes);
  expect(first(64)).not.toEqual(bytes);
  expect(first(0)).toHaveLength(0);
});

test("seeded bytes use the whole range evenly enough for ids that do not collide", () => {
  const random = seededRandom(7);
  expect(new Set(random(10_000)).size).toBe(256);
  const ids = Array.from({ length: 20_000 }, () => Buffer.from(random(16)).toString("hex"));
  expect(new Set(ids).size).toBe(ids.length);
});
