// What goes wrong with a pool of pg and on its lines: nothing is acknowledged that is not there, and nothing stays broken.
import { Pool } from "pg";
import { expect, test, vi } from "vitest";
import { type PostgresStore, postgresStore } from "../../src/stores/postgres.ts";
import { requireOrExplain } from "../support/requires.ts";
import { server, storesOn } from "../support/servers/postgres.ts";
import { layWire, until } from "../support/servers/wire.ts";
import { at, MINUTE, newVersion, recordOf, since } from "../support/stored-records.ts";

const LOGIN = { ...at(0), since: since() };

requireOrExplain("a PostgreSQL server", () => server)("the PostgreSQL store", (url) => {
  const stores = storesOn(url, "pg");
  const { schema, pool: admin } = stores;

  interface Narrow extends AsyncDisposable {
    readonly pool: Pool;
    readonly store: PostgresStore;
  }

  /** On a pool of one connection. */
  async function narrow(prefix: string, through: string = url): Promise<Narrow> {
    const pool = new Pool({ connectionString: through, max: 1 });
    pool.on("error", () => {});
    const store = postgresStore(pool, { schema, prefix });
    await store.open();
    return { pool, store, [Symbol.asyncDispose]: () => pool.end() };
  }

  test.each(["READ COMMITTED", "REPEATABLE READ"])(
    "takes no part in a transaction that a connection was left in: %s",
    async (level) => {
      await using there = await narrow("left_");
      const { pool, store } = there;
      const leave = async (): Promise<void> => {
        const left = await pool.connect();
        await left.query(`BEGIN ISOLATION LEVEL ${level}`);
        await left.query(`SELECT FROM ${schema}.left_sessions`);
        left.release();
      };
      await leave();
      const record = recordOf("ada");
      await expect(store.create(record, LOGIN)).rejects.toMatchObject({ kind: "ambiguous" });
      expect(await store.load(record.id, at(0))).toBe(null);
      expect(await store.create(record, LOGIN)).toEqual({ ok: true });
      await leave();
      await expect(store.load(record.id, at(0))).rejects.toMatchObject({ kind: "unavailable" });
      expect(await store.load(record.id, at(0))).toMatchObject({ id: record.id });
    },
  );

  test("does not keep a connection that leads nowhere any more", async () => {
    const { hostname, port } = new URL(url);
    await using wire = await layWire(Number(port), hostname);
    const through = String(Object.assign(new URL(url), { host: `127.0.0.1:${wire.port}` }));
    await using there = await narrow("lost_", through);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      wire.lose();
      const giveUp = new AbortController();
      const load = there.store.load(recordOf(null).id, at(0, { signal: giveUp.signal }));
      const given = expect(load).rejects.toMatchObject({ kind: "timeout" });
      await until(async () => wire.swallowed() > 0);
      giveUp.abort();
      await given;
      vi.advanceTimersByTime(60_000);
    } finally {
      vi.useRealTimers();
    }
    expect(await there.store.load(recordOf(null).id, at(0))).toBe(null);
  });

  test("sends nothing any more for a call that waited for a connection until its deadline", async () => {
    await using there = await narrow("late_");
    const { pool, store } = there;
    const record = recordOf("ada");
    await store.create(record, LOGIN);
    const only = await pool.connect();
    const giveUp = new AbortController();
    const ended = store.delete(record.id, "revoked", at(0, { signal: giveUp.signal }));
    giveUp.abort();
    await expect(ended).rejects.toMatchObject({ kind: "timeout" });
    only.release();
    expect(await store.load(record.id, at(0))).toMatchObject({ id: record.id });
  });

  test("sweeps in calls that end, however much there is to forget", async () => {
    await using there = await narrow("much_");
    const rows = "FROM generate_series(1, 50) AS n";
    await admin.query(`INSERT INTO ${schema}.much_sessions (id, seen_at, idle_until, absolute_until, reason, sweep_at)
      SELECT decode(md5(n::text), 'hex'), 0, 0, 0, 'idle', n ${rows}`);
    await admin.query(
      `INSERT INTO ${schema}.much_marks (person, forget_at) SELECT decode(md5(n::text), 'hex'), n ${rows}`,
    );
    const call = { ...at(0), limit: 3 };
    expect(await there.store.sweep(call)).toEqual({ removed: 0, more: true });
    expect(await there.store.sweep(call)).toEqual({ removed: 0, more: true });
    expect(await there.store.sweep(call)).toEqual({ removed: 0, more: false });
  });

  test("leaves rows that are saved and touched on their page, with no index to write to", async () => {
    const records = Array.from({ length: 25 }, () => recordOf("ada"));
    {
      await using there = await narrow("hot_");
      for (const record of records) await there.store.create(record, LOGIN);
      for (const record of records) {
        const call = at(MINUTE);
        expect(await there.store.save({ ...record, version: newVersion() }, record.version, call)).toBe(
          "saved",
        );
        for (const minutes of [2, 3]) {
          const later = at(minutes * MINUTE);
          expect(await there.store.touch(record.id, later.now + 30 * MINUTE, later)).toBe(true);
        }
      }
    } // a connection that ends has told of all that it did
    const updates = async (): Promise<readonly number[]> => {
      const { rows } = await admin.query<number[]>({
        text: `SELECT pg_stat_get_tuples_updated(t)::int, pg_stat_get_tuples_hot_updated(t)::int
          FROM CAST('${schema}.hot_sessions'::regclass AS oid) AS t`,
        rowMode: "array",
      });
      return rows[0] ?? [];
    };
    await until(async () => (await updates())[0] === 75);
    expect((await updates())[1]).toBeGreaterThan(60);
  });

  test.each([
    ["a newer", 99, /newer version of Sojourn \(schema 99.*Update Sojourn/],
    ["an older", 1, /older version of Sojourn \(schema 1;.*Drop its tables/],
  ])(
    "refuses the tables of %s version in plain words, and leaves them as they are",
    async (_, schema, words) => {
      const store = stores.open();
      await store.open();
      const meta = `${stores.prefixOf(store)}meta`;
      await admin.query(`UPDATE ${meta} SET value = '${schema}' WHERE name = 'schema'`);
      const before = await stores.remains(store);
      const again = stores.again(store);
      for (const open of [() => again.open(), () => again.migrate().then(() => again.open())]) {
        await expect(open()).rejects.toMatchObject({
          kind: "unavailable",
          message: expect.stringMatching(words),
        });
      }
      expect(await stores.remains(store)).toEqual(before);
    },
  );
});
