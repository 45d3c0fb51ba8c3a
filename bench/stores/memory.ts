/** The memory store beside a Map that keeps a copy of what comes in, and hands out copies. */
import type { SessionRecord } from "../../src/core/record.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import type { Bench } from "./measure.ts";
import { LIFE_MS, recordOf, scattered, versionsOf } from "./samples.ts";

export async function memoryBench(sessions: number): Promise<Bench> {
  const records = Array.from({ length: sessions }, (_, index) => recordOf(index));
  const now = Date.now();
  const call = { now };
  const store = memoryStore({ maxSessions: sessions });
  await store.open();
  for (const record of records) await store.create(record, { now, since: { startedAt: now } });
  const map = new Map(records.map((record) => [record.id, copyOf(record)]));
  const record = scattered(records);
  const versions = versionsOf(records);
  return {
    name: "memory",
    rawName: "a Map of copies",
    inFlight: 1,
    pairs: [
      {
        operation: "load",
        store: (turn) => store.load(record(turn).id, call),
        raw: (turn) => copyOf(map.get(record(turn).id) ?? record(turn)),
      },
      {
        operation: "save",
        store: (turn) => {
          const { expected, version } = versions(turn);
          return store.save({ ...record(turn), version }, expected, call);
        },
        raw: (turn) => map.set(record(turn).id, copyOf(record(turn))),
      },
      {
        operation: "touch",
        store: (turn) => store.touch(record(turn).id, now + LIFE_MS + turn, call),
        raw: (turn) => map.set(record(turn).id, { ...record(turn), idleUntil: now + turn }),
      },
    ],
    close: () => store.close(),
  };
}

function copyOf(record: SessionRecord): SessionRecord {
  return { ...record, credentials: record.credentials.slice(), payload: record.payload.slice() };
}
