import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import {
  at,
  MINUTE,
  newVersion,
  recordOf,
  scratchFolder,
  since,
} from "../../../test/support/stored-records.ts";
import { type SqliteStore, sqliteStore } from "../sqlite.ts";

async function openStore(path = join(scratchFolder(), "sessions.db")): Promise<SqliteStore> {
  const store = sqliteStore(path, { durability: "power-loss" });
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

/** The transactions in the log: frames that name the size of the file end one (sqlite.org/fileformat2.html#walformat). */
function commitsIn(path: string): number {
  const log = readFileSync(`${path}-wal`);
  const frame = 24 + log.readUInt32BE(8);
  let commits = 0;
  for (let place = 32; place + frame <= log.byteLength; place += frame) {
    if (log.readUInt32BE(place + 4) > 0) commits++;
  }
  return commits;
}

test("writes that come together reach the disk together, and each has its own outcome", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const [ada, bob, cy] = [recordOf("ada"), recordOf("bob"), recordOf("cy")];
  const before = commitsIn(path);
  const created = await Promise.all(
    [ada, bob, cy].map((one) => store.create(one, { ...at(0), since: since() })),
  );
  expect(created).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  expect(commitsIn(path) - before).toBe(1);

  const next = { ...ada, version: newVersion() };
  const outcomes = await Promise.all([
    store.save(next, ada.version, at(0)),
    store.save({ ...bob, version: newVersion() }, newVersion(), at(0)),
    store.delete(cy.id, "logged-out", at(0)),
    store.delete(cy.id, "logged-out", at(0)),
    store.touch(ada.id, ada.idleUntil + MINUTE, at(0)),
    store.touch(cy.id, cy.idleUntil + MINUTE, at(0)),
    store.create(cy, { ...at(0), since: since() }),
  ]);
  expect(outcomes).toMatchObject([
    "saved",
    { conflict: { version: bob.version } },
    "deleted",
    "gone",
    true,
    false,
    { ok: false, reason: "ended" },
  ]);
  expect(commitsIn(path) - before).toBe(2);
});

test("one that meets a damaged row fails by itself, and leaves nothing half done", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const [ada, bob, cy] = [recordOf("ada"), recordOf("bob"), recordOf("ada")];
  for (const one of [ada, bob]) await store.create(one, { ...at(0), since: since() });
  const neighbour = new DatabaseSync(path);
  onTestFinished(() => neighbour.close());
  neighbour.prepare("UPDATE sojourn_sessions SET content = x'00' WHERE user_id = ?").run("ada");
  const [replacing, ending, other] = await Promise.allSettled([
    store.create(cy, { ...at(0), since: since(), replaces: { id: ada.id, version: ada.version } }),
    store.delete(ada.id, "revoked", at(0)),
    store.delete(bob.id, "revoked", at(0)),
  ]);
  for (const failed of [replacing, ending])
    expect(failed).toMatchObject({ status: "rejected", reason: { name: "StoreFault" } });
  expect(other).toMatchObject({ value: "deleted" });
  expect(await store.load(cy.id, at(0))).toBeNull();
});

test("what was given up before its turn is not applied, and the others are", async () => {
  const store = await openStore();
  const given = new AbortController();
  const [ada, bob] = [recordOf("ada"), recordOf("bob")];
  const late = store.create(ada, { ...at(0), since: since(), signal: given.signal });
  const other = store.create(bob, { ...at(0), since: since() });
  given.abort();
  await expect(late).rejects.toMatchObject({ kind: "timeout" });
  expect(await other).toEqual({ ok: true });
  expect([await store.load(ada.id, at(0)), (await store.load(bob.id, at(0))) !== null]).toEqual([null, true]);

  const alone = new AbortController();
  const only = store.create(ada, { ...at(0), since: since(), signal: alone.signal });
  alone.abort();
  await expect(only).rejects.toMatchObject({ kind: "timeout" });
  expect(await store.load(ada.id, at(0))).toBeNull();
});

test("who is told of an end and fails has that to himself", async () => {
  const store = await openStore();
  const [ada, bob] = [recordOf("ada"), recordOf("bob")];
  for (const one of [ada, bob]) await store.create(one, { ...at(0), since: since() });
  const told: string[] = [];
  const failing = store.delete(ada.id, "revoked", {
    ...at(0),
    onEnded() {
      throw new Error("a listener of the test");
    },
  });
  const other = store.delete(bob.id, "revoked", { ...at(0), onEnded: ({ id }) => told.push(id) });
  await expect(failing).rejects.toThrow("a listener of the test");
  expect([await other, told]).toEqual(["deleted", [bob.id]]);
  expect(await store.load(ada.id, at(0))).toMatchObject({ ended: "revoked" });
});

test("while another process writes, all of them wait for their turn, and closing waits for them", async () => {
  const path = join(scratchFolder(), "sessions.db");
  const store = await openStore(path);
  const neighbour = new DatabaseSync(path);
  onTestFinished(() => neighbour.close());
  neighbour.exec("BEGIN IMMEDIATE");
  const records = ["ada", "bob", "cy"].map((user) => recordOf(user));
  const creating = Promise.all(records.map((one) => store.create(one, { ...at(0), since: since() })));
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  const closing = store.close();
  neighbour.exec("COMMIT");
  expect(await creating).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  await closing;
  expect(neighbour.prepare("SELECT count(*) AS n FROM sojourn_sessions").get()).toEqual({ n: 3 });
});
