// What an application told its pool, and what a server was told, changes nothing of what the store keeps.
import { randomBytes } from "node:crypto";
import { createConnection, createPool } from "mysql2";
import type { PoolOptions } from "mysql2/promise";
import { expect, test } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { mysqlStore } from "../../../src/stores/mysql.ts";
import { describeOnMysql, storesOn } from "../../support/servers/mysql.ts";
import { at, MINUTE, NOW, newVersion, recordOf, since } from "../../support/stored-records.ts";

/** One set of tables for all: to make them takes longer than to use them. */
const TABLES = { prefix: "pools_" };
const LOGIN = { ...at(0), since: since() };

const POOLS: Readonly<Record<string, PoolOptions>> = {
  "counts only rows that changed": { flags: ["-FOUND_ROWS"] },
  "reads numbers as text": { supportBigNumbers: true, bigNumberStrings: true, decimalNumbers: true },
  "reads large numbers as objects": { supportBigNumbers: true },
  "reads rows and dates its own way": { rowsAsArray: true, nestTables: "_", dateStrings: true },
  "reads every column as text": { typeCast: (field) => field.string() },
  "reads no column at all": { typeCast: false },
  "names its placeholders": { namedPlaceholders: true },
  "has another character set and time zone": { charset: "latin1", timezone: "+09:00" },
};

const SETTINGS: Readonly<Record<string, string>> = {
  "without strict mode": "sql_mode = ''",
  "with quotes of its own": "sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,STRICT_ALL_TABLES'",
  "with autocommit off": "autocommit = 0",
  "with safe updates": "sql_safe_updates = 1, time_zone = '+09:00'",
  "with READ UNCOMMITTED": "SESSION TRANSACTION ISOLATION LEVEL READ UNCOMMITTED",
  "with READ COMMITTED": "SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
  "with SERIALIZABLE": "SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
};

describeOnMysql("the MySQL store keeps the same", (place) => {
  const stores = storesOn(place);

  test.each(Object.entries(POOLS))("through a pool that %s", async (_, options) => {
    const pool = stores.poolWith(options);
    await tryOut(stores.through(pool, TABLES));
    await tryOut(stores.through(pool, { ...TABLES, preparedStatements: false }));
  });

  test.each(Object.entries(SETTINGS))("on a server %s", async (_, setting) => {
    const pool = stores.poolWith({ connectionLimit: 5 });
    // The pool of callbacks inside hands out its own connections here.
    pool.on("connection", (connection) => void connection.query(`SET ${setting}`));
    await tryOut(stores.through(pool, TABLES));
    await tryLimit(stores.through(pool, TABLES));
  });

  test("through a pool with callbacks, and through a single connection of either kind", async () => {
    const pool = createPool({ uri: stores.url });
    const connection = createConnection({ uri: stores.url });
    for (const client of [pool, connection, connection.promise()]) {
      await tryOut(stores.through(client, TABLES));
      await tryLimit(stores.through(client, TABLES));
    }
    await Promise.all([pool.promise().end(), connection.promise().end()]);
  });

  test("whatever is no client is refused at once, and so are options that are none", () => {
    for (const client of [null, {}, { query() {} }, "mysql://localhost"]) {
      expect(() => mysqlStore(client as never)).toThrow(/"?client"?.*must be a pool or connection of mysql2/);
    }
    for (const options of [
      { prefix: "A" },
      { prefix: "1" },
      { prefix: "a`b" },
      { migrate: 1 },
      { schema: "a" },
    ]) {
      expect(() => mysqlStore(stores.pool, options as never)).toThrow();
    }
  });
});

/** One of each operation, and a payload of bytes that no text holds. */
async function tryOut(store: SessionStore): Promise<void> {
  await store.open();
  // Other users' names begin and end alike, but for capitals and blanks.
  const ada = `Ada ${randomBytes(4).toString("hex")}X `;
  const wide = {
    userId: ada,
    label: "ä\u{1f9ed} ",
    about: '{"of":"ada"}',
    payload: Buffer.alloc(100_000, 0xff),
  };
  const [mine, other] = [recordOf(ada, wide), recordOf(ada.trimEnd().toLowerCase())];
  const visitor = recordOf(null);
  for (const record of [mine, other, visitor])
    expect(await store.create(record, LOGIN)).toEqual({ ok: true });
  expect(await store.load(mine.id, at(0))).toEqual({
    ...mine,
    payload: new Uint8Array(wide.payload),
    credentials: new Uint8Array(mine.credentials),
  });
  expect(await store.load(visitor.id, at(0))).toMatchObject({
    userId: null,
    authenticatedAt: visitor.authenticatedAt,
  });
  const next = { ...mine, version: newVersion(), payload: Buffer.from([0, 0x5c, 0x27, 0xff]) };
  expect(await store.save(next, mine.version, at(0))).toBe("saved");
  expect(await store.save(next, mine.version, at(0))).toMatchObject({ conflict: { version: next.version } });
  expect(await store.touch(mine.id, mine.idleUntil + MINUTE, at(1000))).toBe(true);
  // The second one finds nothing to change.
  expect(await store.touch(mine.id, mine.idleUntil + MINUTE, at(1000))).toBe(true);
  const replacing = recordOf(ada);
  const login = {
    ...LOGIN,
    replaces: { id: mine.id, version: next.version },
    limit: { max: 1, over: "refuse" },
  } as const;
  expect(await store.create(replacing, login)).toEqual({ ok: true });
  expect(await store.load(mine.id, at(1000))).toMatchObject({ ended: "replaced" });
  expect(await store.create(recordOf(ada), { ...login, replaces: mine })).toEqual({
    ok: false,
    reason: "full",
  });
  const { sessions } = await store.listByUser(ada, { ...at(0), limit: 10 });
  expect(sessions.map(({ id }) => id)).toEqual([replacing.id]);
  const token = await store.revocation(ada, at(0));
  expect([token, await store.deleteByUser(ada, at(0))]).toEqual(["", 1]);
  expect(await store.revocation(ada, at(0))).toMatch(/^[\w-]{16}$/);
  expect(await store.delete(other.id, "logged-out", at(0))).toBe("deleted");
  expect(await store.sweep({ ...at(visitor.idleUntil - NOW), limit: 10 })).toEqual({
    removed: 1,
    more: false,
  });
}

/** Of 20 logins at once no more get in than the limit lets, also while they meet. */
async function tryLimit(store: SessionStore): Promise<void> {
  await store.open();
  const limit = { max: 3, over: "evict-oldest" } as const;
  const logins = Array.from({ length: 20 }, (_, index) => recordOf("bob", { createdAt: NOW + index }));
  const since = { revocation: await store.revocation("bob", at(0)) };
  const call = { ...at(0), since, limit, signal: AbortSignal.timeout(20_000) };
  const results = await Promise.all(logins.map((record) => store.create(record, call)));
  expect(results).toEqual(logins.map(() => ({ ok: true })));
  expect((await store.listByUser("bob", { ...at(0), limit: 10 })).sessions).toHaveLength(3);
  expect(await store.deleteByUser("bob", at(0))).toBe(3);
}
