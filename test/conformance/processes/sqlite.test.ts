import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import type { SessionStore, UserSessions } from "../../../src/stores/contract.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { NOW, scratchFolder } from "../../support/stored-records.ts";
import { countIn, loginOf } from "./records.ts";
import type { Task } from "./worker.ts";

const SECONDS = 1000;

interface Team {
  /** Gives all of them their task at the same moment; answers what they say. */
  do(...tasks: readonly Task[]): Promise<unknown[]>;
}

/** Four processes, up and waiting. */
function startTeam(): Team {
  const workers = Array.from({ length: 4 }, () => fork(new URL("worker.ts", import.meta.url)));
  onTestFinished(() => {
    for (const worker of workers) worker.kill();
  });
  const death = Promise.race(workers.map((worker) => once(worker, "exit"))).then(() => {
    throw new Error("a worker died");
  });
  death.catch(() => {}); // they all die in the end
  return {
    async do(...tasks) {
      const answers = workers.map(async (worker) => ((await once(worker, "message")) as unknown[])[0]);
      for (const [index, worker] of workers.entries()) worker.send(tasks[index % tasks.length] ?? "");
      return Promise.race([Promise.all(answers), death]);
    },
  };
}

async function openedBy(team: Team): Promise<SessionStore> {
  const path = join(scratchFolder(), "sessions.db");
  await team.do({ job: "open", path });
  const store = sqliteStore(path);
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

function sessionsOf(store: SessionStore, userId: string): Promise<UserSessions> {
  return store.listByUser(userId, { now: NOW, limit: 1000 });
}

test("four processes that open one fresh file at the same moment all find it ready", {
  timeout: 60 * SECONDS,
}, async () => {
  const team = startTeam();
  for (let round = 0; round < 8; round++) {
    const path = join(scratchFolder(), "data", "sessions.db");
    expect(await team.do({ job: "open", path })).toEqual([[], [], [], []]);
    expect(await team.do({ job: "login", userId: "ada", count: 5, now: NOW })).toEqual(
      Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => "ok")),
    );
    const db = new DatabaseSync(path);
    expect(db.prepare("SELECT value FROM sojourn_meta").all()).toEqual([{ value: 1 }]);
    expect(db.prepare("SELECT count(*) AS rows FROM sojourn_sessions").get()).toEqual({ rows: 20 });
    db.close();
  }
});

test("200 writers in four processes lose no increment", { timeout: 60 * SECONDS }, async () => {
  const team = startTeam();
  const store = await openedBy(team);
  const record = loginOf("ada", NOW);
  await store.create(record, { now: NOW, since: { startedAt: NOW } });
  await team.do({ job: "increment", id: record.id, writers: 50, now: NOW });
  const found = await store.load(record.id, { now: NOW });
  expect(found && "payload" in found && countIn(found)).toBe(200);
});

test.each(["evict-oldest", "refuse"] as const)(
  "a limit with %s is exact across processes",
  { timeout: 60 * SECONDS },
  async (over) => {
    const team = startTeam();
    const store = await openedBy(team);
    const task = { job: "login", userId: "ada", count: 25, now: NOW, limit: { max: 5, over } } as const;
    const results = (await team.do(task)).flat();
    expect((await sessionsOf(store, "ada")).sessions).toHaveLength(5);
    expect(results.filter((result) => result === "ok")).toHaveLength(over === "refuse" ? 5 : 100);
  },
);

test("a revocation in one process ends the sessions of all, and keeps out every login begun before", {
  timeout: 60 * SECONDS,
}, async () => {
  const team = startTeam();
  const store = await openedBy(team);
  for (let round = 0; round < 5; round++) {
    const now = NOW + round * 10;
    const login = { job: "login", userId: "ada", count: 40, now } as const;
    const [, ...logins] = await team.do({ job: "revoke", userId: "ada", now }, login, login, login);
    expect((await sessionsOf(store, "ada")).sessions).toEqual([]);
    expect(logins.flat().filter((result) => result !== "ok" && result !== "revoked")).toEqual([]);
    const later = { ...login, count: 1, now: now + 1 };
    expect((await team.do(later)).flat()).toEqual(["ok", "ok", "ok", "ok"]);
    await store.deleteByUser("ada", { now: now + 2 });
  }
});
