// One of several processes on one database: opens the store, counts in one session, and reports.
import type { SessionStore } from "../../../src/stores/contract.ts";
import { counted, countIn } from "./records.ts";

export interface Counting {
  readonly id: string;
  readonly writers: number;
  readonly now: number;
}

export interface Opened extends AsyncDisposable {
  readonly store: SessionStore;
}

/** Counts as the process that started this one says, on the store that `open` makes of its task. */
export function countWhenTold<Task extends Counting>(open: (task: Task) => Opened): void {
  process.once("message", (task: Task) => void work(task, open));
}

async function work<Task extends Counting>(task: Task, open: (task: Task) => Opened): Promise<void> {
  await using opened = open(task);
  const { store } = opened;
  await store.open();
  process.send?.("open");
  await new Promise((resolve) => process.once("message", resolve));
  await Promise.all(Array.from({ length: task.writers }, () => increment(store, task)));
  await store.close();
  process.send?.("done");
  process.disconnect();
}

async function increment(store: SessionStore, { id, now }: Counting): Promise<void> {
  for (;;) {
    const found = await store.load(id, { now });
    if (!found || "ended" in found) throw new Error("the session is gone");
    const next = counted(found, countIn(found) + 1);
    if ((await store.save(next, found.version, { now })) === "saved") return;
  }
}
