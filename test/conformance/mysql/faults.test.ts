// What goes wrong on a server or in a pool: told as what it is, tried again where that helps, and nothing left half.
import { inspect } from "node:util";
import { createPool, type PoolConnection } from "mysql2/promise";
import { expect, test, vi } from "vitest";
import { StoreFault } from "../../../src/errors.ts";
import { mysqlSchema } from "../../../src/stores/mysql.ts";
import { describeOnMysql, storesOn } from "../../support/servers/mysql.ts";
import { layWire, until } from "../../support/servers/wire.ts";
import { at, newVersion, recordOf, since } from "../../support/stored-records.ts";

const LOGIN = { ...at(0), since: since() };
const ONE = { max: 1, over: "evict-oldest" } as const;

describeOnMysql("the MySQL store", (place) => {
  const stores = storesOn(place);

  test("refuses a write that a connection left in a transaction would not commit, and gets rid of it", async () => {
    const pool = stores.poolWith({ connectionLimit: 1 });
    const store = stores.through(pool);
    await store.open();
    const left = await pool.getConnection();
    await left.beginTransaction();
    left.release();
    const record = recordOf(null);
    await expect(store.create(record, LOGIN)).rejects.toMatchObject({ kind: "ambiguous" });
    expect(await store.load(record.id, at(0))).toBe(null);
    expect(await store.create(record, LOGIN)).toEqual({ ok: true });
  });

  test("does not keep a connection that leads nowhere any more", async () => {
    await using wire = await layWire(Number(new URL(place.url).port));
    const uri = String(Object.assign(new URL(stores.url), { host: `127.0.0.1:${wire.port}` }));
    const pool = createPool({ uri, connectionLimit: 1 });
    const store = stores.through(pool);
    await store.open();
    for (const act of [
      (signal: AbortSignal) => store.load(recordOf(null).id, at(0, { signal })),
      (signal: AbortSignal) => store.create(recordOf("ada"), { ...LOGIN, signal }),
    ]) {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      try {
        wire.lose();
        const giveUp = new AbortController();
        const given = expect(act(giveUp.signal)).rejects.toMatchObject({ kind: "timeout" });
        await until(async () => wire.swallowed() > 0);
        giveUp.abort();
        await given;
        vi.advanceTimersByTime(60_000);
      } finally {
        vi.useRealTimers();
      }
      expect(await store.create(recordOf("ada"), LOGIN)).toEqual({ ok: true });
    }
    await pool.end();
  });

  test("sends nothing any more for a call that waited for a connection until its deadline", async () => {
    const pool = stores.poolWith({ connectionLimit: 1 });
    const store = stores.through(pool);
    await store.open();
    const record = recordOf("ada");
    await store.create(record, LOGIN);
    const only = await pool.getConnection();
    const giveUp = new AbortController();
    const ended = store.delete(record.id, "revoked", at(0, { signal: giveUp.signal }));
    giveUp.abort();
    await expect(ended).rejects.toMatchObject({ kind: "timeout" });
    only.release();
    expect(await store.load(record.id, at(0))).toMatchObject({ id: record.id });
  });

  test("sweeps in calls that end, however much there is to forget", async () => {
    const store = stores.open({ prefix: "much_" });
    await store.open();
    await holding("SELECT 1").then(letGo); // which makes the numbers
    await stores.pool.query(`INSERT INTO much_sessions (id, seen_at, idle_until, absolute_until, reason, sweep_at)
      SELECT UNHEX(MD5(seq)), 0, 0, 0, 'idle', seq FROM numbers`);
    await stores.pool.query(
      "INSERT INTO much_marks (person, forget_at) SELECT UNHEX(MD5(seq)), seq FROM numbers",
    );
    const call = { ...at(0), limit: 3 };
    expect(await store.sweep(call)).toEqual({ removed: 0, more: true });
    expect(await store.sweep(call)).toEqual({ removed: 0, more: true });
    expect(await store.sweep(call)).toEqual({ removed: 0, more: false });
  });

  test("gives a login up at the deadline, and nothing of it is left, neither a row nor a lock", async () => {
    const store = stores.open({ prefix: "given_up_" });
    await store.open();
    const old = recordOf("ada");
    await store.create(old, LOGIN);
    const other = await holding("SELECT * FROM given_up_marks FOR UPDATE");
    const giveUp = new AbortController();
    const before = await waits();
    const login = store.create(recordOf("ada"), { ...LOGIN, replaces: old, signal: giveUp.signal });
    await until(async () => (await waits()) > before);
    giveUp.abort();
    await expect(login).rejects.toMatchObject({ kind: "timeout" });
    await letGo(other);
    expect(await store.listByUser("ada", { ...at(0), limit: 2 })).toMatchObject({
      sessions: [{ id: old.id }],
    });
    expect(
      await store.create(recordOf("ada"), { ...LOGIN, limit: ONE, signal: AbortSignal.timeout(20_000) }),
    ).toEqual({ ok: true });
    expect(await store.load(old.id, at(0))).toMatchObject({ ended: "limit" });
  });

  test("begins again what the server rolled back because two waited for each other", async () => {
    const store = stores.open({ prefix: "dead_" });
    await store.open();
    const records = Array.from({ length: 2 }, () => recordOf("ada"));
    for (const record of records) await store.create(record, LOGIN);
    const [low, high] = records.map(({ id }) => Buffer.from(id, "base64url")).sort(Buffer.compare);
    // The one that has changed more rows is not the one that the server picks.
    const other = await holding(
      "INSERT INTO dead_marks (person, forget_at) SELECT UNHEX(MD5(seq)), seq FROM numbers",
    );
    await other.query("UPDATE dead_sessions SET seen_at = seen_at + 1 WHERE id = ?", [high]);
    const before = await waits();
    const ended = store.deleteByUser("ada", at(0, { signal: AbortSignal.timeout(20_000) }));
    await until(async () => (await waits()) > before);
    await other.query("UPDATE dead_sessions SET seen_at = seen_at + 1 WHERE id = ?", [low]);
    await other.query("COMMIT");
    other.release();
    expect(await ended).toBe(2);
  });

  test("tries again what waited too long for a lock", async () => {
    const pool = stores.poolWith({ connectionLimit: 1 });
    pool.on("connection", (connection) => void connection.query("SET innodb_lock_wait_timeout = 1"));
    const store = stores.through(pool, { prefix: "wait_" });
    await store.open();
    const record = recordOf("ada");
    await store.create(record, LOGIN);
    const other = await holding("SELECT * FROM wait_sessions FOR UPDATE");
    const before = await waits();
    const saved = store.save(
      { ...record, version: newVersion() },
      record.version,
      at(0, { signal: AbortSignal.timeout(20_000) }),
    );
    await until(async () => (await waits()) > before + 1);
    await letGo(other);
    expect(await saved).toBe("saved");
  });

  test.each([true, false])(
    "shows no data of anybody in a fault (prepared: %s)",
    async (preparedStatements) => {
      const store = stores.open({ prefix: "silent_", preparedStatements });
      await store.open();
      const record = recordOf("ada-lovelace", { payload: Buffer.from("data of ada") });
      await store.create(record, LOGIN);
      await stores.pool.query("RENAME TABLE silent_sessions TO silent_elsewhere");
      const attempts = [
        store.save(record, record.version, at(0)),
        store.create(record, LOGIN),
        store.deleteByUser("ada-lovelace", at(0)),
      ];
      for (const result of await Promise.allSettled(attempts)) {
        if (result.status !== "rejected") throw new Error("it was answered");
        expect(result.reason).toBeInstanceOf(StoreFault);
        const shown = inspect(result.reason, { depth: 10, showHidden: true });
        expect(shown).toMatch(/a table is missing/);
        const secrets = ["ada-lovelace", "data of ada", record.version];
        for (const text of secrets.flatMap((secret) => [secret, Buffer.from(secret).toString("hex")])) {
          expect(shown).not.toContain(text);
        }
      }
      await stores.pool.query("RENAME TABLE silent_elsewhere TO silent_sessions");
    },
  );

  test("refuses tables without transactions, and tables that are missing where it may make none", async () => {
    const missing = stores.open({ prefix: "none_", migrate: false });
    await expect(missing.open()).rejects.toThrow(/tables are missing/);
    for (const text of mysqlSchema({ prefix: "none_" }).split(";\n").filter(Boolean)) {
      await stores.pool.query(text.replace("InnoDB ROW_FORMAT = DYNAMIC", "MyISAM"));
    }
    await expect(missing.open()).rejects.toThrow(/engine InnoDB/);
    await stores.pool.query("UPDATE none_meta SET value = '99' WHERE name = 'schema'");
    await expect(missing.open()).rejects.toThrow(/newer version/);
    await stores.pool.query("UPDATE none_meta SET value = '1' WHERE name = 'schema'");
    await missing.migrate();
    await expect(missing.open()).rejects.toThrow(/older version/);
  });

  if (place.outage) {
    // Settings of the whole server: only on our own.
    test("refuses a server that is read-only, and warns of one that takes too small packets", async () => {
      const store = stores.open();
      await withGlobal("read_only", 1, () => expect(store.open()).rejects.toThrow(/read-only/));
      await withGlobal("max_allowed_packet", 1024 * 1024, async () => {
        const small = stores.through(stores.poolWith({ connectionLimit: 1 }));
        expect(await small.open()).toContainEqual(expect.stringContaining("max_allowed_packet = 1048576"));
        const record = recordOf("ada", { payload: Buffer.alloc(1024 * 1024) });
        await expect(small.create(record, LOGIN)).rejects.toBeInstanceOf(StoreFault);
        expect(await small.load(record.id, at(0))).toBe(null);
        expect(await small.create({ ...record, payload: Buffer.alloc(900_000) }, LOGIN)).toEqual({
          ok: true,
        });
      });
    });
  }

  async function withGlobal(name: string, value: number, act: () => Promise<unknown>): Promise<void> {
    const [rows] = await stores.pool.query({ sql: `SELECT @@GLOBAL.${name}`, rowsAsArray: true });
    const before = Number([rows].flat(2)[0]);
    await stores.pool.query(`SET GLOBAL ${name} = ${value}`);
    try {
      await act();
    } finally {
      await stores.pool.query(`SET GLOBAL ${name} = ${before}`);
    }
  }

  /** A transaction of somebody else, which has done this. */
  async function holding(text: string): Promise<PoolConnection> {
    await stores.pool.query("CREATE TABLE IF NOT EXISTS numbers (seq INT PRIMARY KEY) ENGINE = InnoDB");
    await stores.pool.query(
      `INSERT IGNORE INTO numbers VALUES ${Array.from({ length: 50 }, (_, n) => `(${n})`).join()}`,
    );
    const connection = await stores.pool.getConnection();
    await connection.beginTransaction();
    await connection.query(text);
    return connection;
  }

  async function letGo(connection: PoolConnection): Promise<void> {
    await connection.rollback();
    connection.release();
  }

  /** How often anybody has had to wait for a lock so far. */
  async function waits(): Promise<number> {
    const [rows] = await stores.pool.query({
      sql: "SHOW GLOBAL STATUS LIKE 'Innodb_row_lock_waits'",
      rowsAsArray: true,
    });
    return Number([rows].flat(2)[1]);
  }
});
