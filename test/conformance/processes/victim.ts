// A process that writes until it is killed. It says on its output what it is about to do, and what is done: each line is
// out before the next step, so whoever kills it knows to within one step how far it came.
import { writeSync } from "node:fs";
import type { SessionId, SessionRecord } from "../../../src/core/record.ts";
import { fileStore } from "../../../src/stores/file.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { counted, loginOf } from "./records.ts";

export type Step =
  | { readonly do: "create"; readonly id: SessionId; readonly userId: string }
  | { readonly do: "save"; readonly id: SessionId; readonly count: number }
  | { readonly do: "end"; readonly id: SessionId }
  | { readonly do: "replace"; readonly id: SessionId; readonly userId: string; readonly old: SessionId }
  | { readonly do: "revoke"; readonly userId: string };

const [kind, path = "", start = ""] = process.argv.slice(2);
const store = kind === "file" ? fileStore(path) : sqliteStore(path);
await store.open();

let now = Number(start);
const live: SessionRecord[] = [];

for (let round = 0; ; round++) {
  const userId = round % 2 ? "ada" : "bob";
  const record = loginOf(userId, now);
  await step({ do: "create", id: record.id, userId }, () => store.create(record, login()));
  const saved = counted(record, round);
  await step({ do: "save", id: record.id, count: round }, () => store.save(saved, record.version, call()));
  live.push(saved);
  if (round % 3 === 0) {
    const old = live.splice(round % live.length, 1)[0] ?? saved;
    await step({ do: "end", id: old.id }, () => store.delete(old.id, "logged-out", call()));
  }
  const old = round % 5 === 0 ? live.pop() : undefined;
  if (old) {
    const next = loginOf(old.userId ?? "", now);
    await step({ do: "replace", id: next.id, userId: old.userId ?? "", old: old.id }, () =>
      store.create(next, { ...login(), replaces: old }),
    );
    live.push(next);
  }
  if (round % 12 === 11) {
    await step({ do: "revoke", userId: "bob" }, () => store.deleteByUser("bob", call()));
    for (const each of live.splice(0)) if (each.userId !== "bob") live.push(each);
  }
}

function call(): { readonly now: number } {
  return { now: ++now };
}

function login(): { readonly now: number; readonly since: { readonly startedAt: number } } {
  return { ...call(), since: { startedAt: now } };
}

async function step(what: Step, act: () => Promise<unknown>): Promise<void> {
  const line = JSON.stringify(what);
  writeSync(1, `begin ${line}\n`);
  await act();
  writeSync(1, `done ${line}\n`);
}
