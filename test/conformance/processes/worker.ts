// One of several processes on one SQLite file: does what it is told and reports.
import type { SessionId } from "../../../src/core/record.ts";
import type { CreateResult, SessionStore, UserLimit } from "../../../src/stores/contract.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { counted, countIn, loginOf } from "./records.ts";

export type Task =
  | { readonly job: "open"; readonly path: string }
  | { readonly job: "increment"; readonly id: SessionId; readonly writers: number; readonly now: number }
  | {
      readonly job: "login";
      /** Signed in one after the other, so that the processes meet at each of them. */
      readonly users: readonly string[];
      readonly now: number;
      readonly limit?: UserLimit;
    }
  | { readonly job: "revoke"; readonly users: readonly string[]; readonly now: number };

let store: SessionStore | null = null;

process.on("message", (task: Task) => void perform(task).then((result) => process.send?.(result)));

async function perform(task: Task): Promise<unknown> {
  if (task.job === "open") {
    store = sqliteStore(task.path);
    return store.open();
  }
  if (!store) throw new Error("open first");
  const call = { now: task.now, signal: AbortSignal.timeout(20_000) };
  if (task.job === "revoke") {
    for (const userId of task.users) await store.deleteByUser(userId, call);
    return [];
  }
  if (task.job === "increment") {
    await Promise.all(Array.from({ length: task.writers }, () => increment(store, task.id, task.now)));
    return task.writers;
  }
  const { users, limit, now } = task;
  const options = { ...call, since: { startedAt: now }, ...(limit && { limit }) };
  const results: CreateResult[] = [];
  for (const userId of users) results.push(await store.create(loginOf(userId, now), options));
  return results.map((result) => (result.ok ? "ok" : result.reason));
}

async function increment(target: SessionStore | null, id: SessionId, now: number): Promise<void> {
  const call = { now, signal: AbortSignal.timeout(20_000) };
  for (;;) {
    const found = await target?.load(id, call);
    if (!found || "ended" in found) throw new Error("the session is gone");
    const next = counted(found, countIn(found) + 1);
    if ((await target?.save(next, found.version, call)) === "saved") return;
  }
}
