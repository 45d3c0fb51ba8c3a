// Several processes on one database, connections that are killed, and what somebody finds who takes a dump.
import { describe, expect, test } from "vitest";
import { StoreFault } from "../../../src/errors.ts";
import { DRIVERS, describeOnPostgres, storesOn } from "../../support/servers/postgres.ts";
import { at, MINUTE, NOW, newVersion, recordOf, since } from "../../support/stored-records.ts";
import { countByFour } from "./four.ts";
import type { Task } from "./postgres-worker.ts";
import { loginOf } from "./records.ts";

const LOGIN = { ...at(0), since: since() };

describeOnPostgres("four processes on PostgreSQL", (url) => {
  const stores = storesOn(url, "pg");

  test("make the tables at the same moment, and lose none of 160 increments", {
    timeout: 60_000,
  }, async () => {
    const record = loginOf("ada", NOW);
    const task: Task = { url, schema: stores.schema, id: record.id, writers: 40, now: NOW };
    const store = stores.open({ prefix: "sojourn_" });
    await countByFour(new URL("postgres-worker.ts", import.meta.url), task, store, record);
    await store.close();
  });
});

describe.each(DRIVERS)("through %s", (driver) => {
  describeOnPostgres("connections that the server ends", (url) => {
    const stores = storesOn(url, driver);

    test("give StoreFaults, and no acknowledged write is lost", { timeout: 60_000 }, async () => {
      const store = stores.open();
      await store.open();
      let stored = recordOf("ada");
      await store.create(stored, LOGIN);
      const kinds = new Set<string>();
      const killer = await stores.pool.connect();
      // Every connection of a store on these tables but the one that ends them.
      const kill = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()
        AND query LIKE '%${stores.schema}%'`;
      for (let round = 0; round < 60; round++) {
        const next = { ...stored, version: newVersion(), payload: Buffer.from(String(round)) };
        const killing = round % 4 === 0 ? killer.query(kill) : null;
        try {
          const result = await store.save(next, stored.version, at(0));
          expect(result).toBe("saved");
          stored = next;
        } catch (error) {
          if (!(error instanceof StoreFault)) throw error;
          kinds.add(error.kind);
          await killing;
          const found = await patiently(() => store.load(stored.id, at(0)));
          if (!found || "ended" in found) throw new Error("the session is gone", { cause: error });
          expect([stored.version, next.version]).toContain(found.version);
          stored = found;
        }
        await killing;
      }
      killer.release();
      const found = await patiently(() => store.load(stored.id, at(0)));
      expect(found).toMatchObject({ version: stored.version });
      expect([...kinds].filter((kind) => kind !== "ambiguous" && kind !== "unavailable")).toEqual([]);
      await store.close();
    });
  });
});

/** The first answer after connections were ended: each of the pool may have to find that out. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  for (let left = 20; ; left--) {
    try {
      return await act();
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

describeOnPostgres("what PostgreSQL answers to queries after an erase", (url) => {
  const stores = storesOn(url, "pg");

  test("holds nothing of the person, and an end leaves nothing of the session", async () => {
    const store = stores.open();
    await store.open();
    const mine = { label: "label of ada", about: '{"of":"ada"}', payload: Buffer.from("data of ada") };
    await store.create(recordOf("ada-lovelace", mine), LOGIN);
    await store.create(recordOf("ada-lovelace", { ...mine, idleUntil: NOW + MINUTE }), LOGIN);
    await store.create(recordOf("charles-babbage"), LOGIN);
    const dump = async (): Promise<string> => {
      const tables = ["sessions", "marks", "meta"].map((name) => stores.prefixOf(store) + name);
      const rows = tables.map((name) => stores.pool.query(`SELECT * FROM ${name}`));
      return JSON.stringify((await Promise.all(rows)).map((result) => result.rows.map(readable)));
    };
    expect(await dump()).toContain("ada-lovelace");
    await store.sweep({ ...at(MINUTE), limit: 10 });
    expect(await store.erase("ada-lovelace", at(MINUTE))).toBe(1);
    const left = await dump();
    expect(left).toContain("charles-babbage");
    for (const trace of ["ada-lovelace", "label of ada", '{"of', "data of ada"])
      expect(left).not.toContain(trace);
    await store.close();
  });
});

function readable(row: Readonly<Record<string, unknown>>): unknown[] {
  return Object.values(row).map((cell) => (Buffer.isBuffer(cell) ? cell.toString("latin1") : cell));
}
