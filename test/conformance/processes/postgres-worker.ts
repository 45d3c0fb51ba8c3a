// One of several processes on one PostgreSQL database: opens the store, counts in one session, and reports.
import { Pool } from "pg";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { counted, countIn } from "./records.ts";

export interface Task {
  readonly url: string;
  readonly schema: string;
  readonly id: string;
  readonly writers: number;
  readonly now: number;
}

process.once("message", (task: Task) => void work(task));

async function work(task: Task): Promise<void> {
  const pool = new Pool({ connectionString: task.url, max: 5 });
  const store = postgresStore(pool, { schema: task.schema });
  await store.open();
  process.send?.("open");
  await new Promise((resolve) => process.once("message", resolve));
  await Promise.all(Array.from({ length: task.writers }, () => increment(store, task)));
  await store.close();
  await pool.end();
  process.send?.("done");
  process.disconnect();
}

async function increment(store: SessionStore, { id, now }: Task): Promise<void> {
  for (;;) {
    const found = await store.load(id, { now });
    if (!found || "ended" in found) throw new Error("the session is gone");
    const next = counted(found, countIn(found) + 1);
    if ((await store.save(next, found.version, { now })) === "saved") return;
  }
}
