import { expect, test } from "vitest";
import { START } from "../../testing/store-contract/records.ts";
import { memoryStore } from "../memory.ts";
import { Marks, markId } from "./marks.ts";

test("a note is believed for as long by the caller's clock and by a steady one, whichever is over first", async () => {
  const store = memoryStore();
  const steady = { ms: 0 };
  const here = new Marks(store, 1000, () => steady.ms);
  const elsewhere = new Marks(store, 0);
  const id = markId("user", "ada");
  const call = { now: START };
  const change = (at: number) => elsewhere.change(id, START + 60_000, call, () => ({ at }));
  const seen = async (now: number) => (await here.recent([id], { now }))[0]?.at;

  await change(1);
  expect(await seen(START)).toBe(1);
  await change(2);
  steady.ms = 999;
  expect([await seen(START), await seen(START + 999)]).toEqual([1, 1]);
  steady.ms = 1000;
  expect(await seen(START)).toBe(2);
  await change(3);
  expect([await seen(START + 999), await seen(START + 1000)]).toEqual([2, 3]);
  await change(4);
  expect(await seen(START + 999)).toBe(4); // it was read by a clock that is ahead
});
