import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { NOW, scratchFolder } from "../../support/stored-records.ts";
import { countIn, loginOf } from "./records.ts";
import { startTeam, type Team } from "./team.ts";
import type { Task } from "./worker.ts";

const SECONDS = 1000;

const startWorkers = (): Team<Task> => startTeam(new URL("worker.ts", import.meta.url));

async function openedBy(team: Team<Task>): Promise<SessionStore> {
  const path = join(scratchFolder(), "sessions.db");
  await team.do({ job: "open", path });
  const store = sqliteStore(path);
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

async function countOf(store: SessionStore, userId: string): Promise<number> {
  return (await store.listByUser(userId, { now: NOW, limit: 1000 })).sessions.length;
}

const USERS = Array.from({ length: 300 }, (_, number) => `user-${number}`);

test("four processes that open one fresh file at the same moment all find it ready", {
  timeout: 60 * SECONDS,
}, async () => {
  const team = startWorkers();
  for (let round = 0; round < 8; round++) {
    const path = join(scratchFolder(), "data", "sessions.db");
    expect(await team.do({ job: "open", path })).toEqual([[], [], [], []]);
    expect(await team.do({ job: "login", users: Array(5).fill("ada"), now: NOW })).toEqual(
      Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => "ok")),
    );
    const db = new DatabaseSync(path);
    expect(db.prepare("SELECT name FROM sojourn_meta").all()).toEqual([
      { name: "schema" },
      { name: "user key" },
    ]);
    expect(db.prepare("SELECT count(*) AS rows FROM sojourn_sessions").get()).toEqual({ rows: 20 });
    db.close();
  }
});

test("200 writers in four processes lose no increment", { timeout: 60 * SECONDS }, async () => {
  const team = startWorkers();
  const store = await openedBy(team);
  const record = loginOf("ada", NOW);
  await store.create(record, { now: NOW, since: { startedAt: NOW } });
  await team.do({ job: "increment", id: record.id, writers: 50, now: NOW });
  const found = await store.load(record.id, { now: NOW });
  expect(found && "payload" in found && countIn(found)).toBe(200);
});

test.each(["evict-oldest", "refuse"] as const)(
  "a limit with %s is exact for 300 users who sign in from four processes at once",
  { timeout: 60 * SECONDS },
  async (over) => {
    const team = startWorkers();
    const store = await openedBy(team);
    const results = await team.do({ job: "login", users: USERS, now: NOW, limit: { max: 1, over } });
    for (const userId of USERS) expect(await countOf(store, userId)).toBe(1);
    expect(results.flat().filter((result) => result === "ok")).toHaveLength(over === "refuse" ? 300 : 1200);
  },
);

test("a revocation in one process ends the sessions of all, and keeps out every login begun before", {
  timeout: 60 * SECONDS,
}, async () => {
  const team = startWorkers();
  const store = await openedBy(team);
  const login = { job: "login", users: USERS, now: NOW } as const;
  const [, ...logins] = await team.do({ job: "revoke", users: USERS, now: NOW }, login, login, login);
  for (const userId of USERS) expect(await countOf(store, userId)).toBe(0);
  expect(logins.flat().filter((result) => result !== "ok" && result !== "revoked")).toEqual([]);
  const later = (await team.do({ ...login, now: NOW + 1 })).flat();
  expect(later.filter((result) => result === "ok")).toHaveLength(1200);
});
