import { expect, it } from "vitest";
import { Committers, type Turn } from "./committer.ts";

async function take<T>(committers: Committers, id: string, act: (turn: Turn) => Promise<T>): Promise<T> {
  const turn = await committers.enter(id);
  try {
    return await act(turn);
  } finally {
    committers.leave(turn);
  }
}

it("lets commits of one session take turns, in order, and those of others pass", async () => {
  const committers = new Committers();
  const seen: string[] = [];
  const first = Promise.withResolvers<void>();
  const turns = [
    take(committers, "a", async () => {
      seen.push("a1");
      await first.promise;
      seen.push("a1 done");
    }),
    take(committers, "a", async () => void seen.push("a2")),
    take(committers, "b", async () => void seen.push("b1")),
  ];
  await turns[2];
  expect(seen).toEqual(["a1", "b1"]);
  first.resolve();
  await Promise.all(turns);
  expect(seen).toEqual(["a1", "b1", "a1 done", "a2"]);
});

it("goes on after a turn that failed, and hands on what the one before stored", async () => {
  const committers = new Committers();
  const record = { id: "a" } as never;
  const [failed, stored, last] = [
    take(committers, "a", async () => Promise.reject(new Error("no"))),
    take(committers, "a", async (turn) => {
      turn.latest = record;
    }),
    take(committers, "a", async (turn) => turn.latest),
  ];
  await expect(failed).rejects.toThrow("no");
  await stored;
  expect(await last).toBe(record);
  expect(await take(committers, "a", async (turn) => turn.latest)).toBeNull();
});
