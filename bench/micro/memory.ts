/** The memory store by itself: its calls are what a request costs there beside the core. */
import { randomBytes } from "node:crypto";
import { newSessionId } from "../../src/core/token.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { LIFE_MS, PER_USER, recordOf, scattered, versionsOf } from "../stores/samples.ts";
import { type Group, inTurn } from "./piece.ts";

const SESSIONS = 10_000;

export async function memory(): Promise<Group> {
  const store = memoryStore();
  await store.open();
  const records = Array.from({ length: SESSIONS }, (_, at) => recordOf(at));
  const now = Date.now();
  const call = { now };
  const since = { startedAt: now };
  for (const record of records) await store.create(record, { ...call, since });
  const record = inTurn(records);
  const place = scattered(records);
  const versions = versionsOf(records);
  let turn = 0;
  return {
    title: "Memory store",
    pieces: [
      { name: "memory: load", act: () => store.load(record().id, call) },
      { name: "memory: load an unknown id", act: () => store.load("A".repeat(22), call) },
      {
        name: "memory: save",
        act() {
          const { expected, version } = versions(++turn);
          return store.save({ ...place(turn), version }, expected, call);
        },
      },
      { name: "memory: touch", act: () => store.touch(record().id, now + LIFE_MS, call) },
      {
        name: "memory: create and delete",
        async act() {
          const made = { ...record(), id: newSessionId(randomBytes) };
          await store.create(made, { ...call, since });
          return store.delete(made.id, "logged-out", call);
        },
      },
      {
        name: `memory: list a user's ${PER_USER}`,
        act: () => store.listByUser(record().userId ?? "", { ...call, limit: 100 }),
      },
      { name: "memory: sweep when nothing is due", act: () => store.sweep({ ...call, limit: 64 }) },
    ],
  };
}
