// Several processes on one database, connections and servers that are killed, and what is left on the disk of a thief.
import { createPool } from "mysql2/promise";
import { describe, expect, onTestFinished, test } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { StoreFault } from "../../../src/errors.ts";
import { mysqlStore } from "../../../src/stores/mysql.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { holds, remainsOf } from "../../support/remains.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findMariaDb, startMariaDb } from "../../support/servers/mariadb.ts";
import { describeOnMysql, storesOn } from "../../support/servers/mysql.ts";
import { until } from "../../support/servers/wire.ts";
import { at, NOW, newVersion, recordOf, since } from "../../support/stored-records.ts";
import { countByFour } from "./four.ts";
import type { Task } from "./mysql-worker.ts";
import { loginOf } from "./records.ts";

const POST = { method: "POST" } as const;
const LOGIN = { ...at(0), since: since() };

describeOnMysql("four processes", (place) => {
  const stores = storesOn(place);

  test("make the tables at the same moment, and lose none of 160 increments", {
    timeout: 60_000,
  }, async () => {
    await stores.open().open(); // makes the database
    const record = loginOf("ada", NOW);
    const task: Task = { url: stores.url, prefix: "four_", id: record.id, writers: 40, now: NOW };
    const store = stores.open({ prefix: "four_" });
    await countByFour(new URL("mysql-worker.ts", import.meta.url), task, store, record);
  });

  test("connections that the server ends give StoreFaults, and no acknowledged write is lost", {
    timeout: 60_000,
  }, async () => {
    const store = stores.open();
    await store.open();
    let stored = recordOf("ada");
    await store.create(stored, LOGIN);
    const killer = await stores.pool.getConnection();
    const kinds = new Set<string>();
    for (let round = 0; round < 40; round++) {
      const next = { ...stored, version: newVersion(), payload: Buffer.from(String(round)) };
      const others = round % 4 === 0 ? await connectionsBeside(killer) : [];
      const killing = Promise.all(others.map((id) => killer.query(`KILL ${id}`).catch(() => {}))); // it may be gone
      try {
        expect(await store.save(next, stored.version, at(0))).toBe("saved");
        stored = next;
      } catch (error) {
        if (!(error instanceof StoreFault)) throw error;
        kinds.add(error.kind);
        await killing;
        await until(async () => (await store.health(at(0))).ok);
        const found = await store.load(stored.id, at(0));
        if (!found || "ended" in found) throw new Error("the session is gone", { cause: error });
        expect([stored.version, next.version]).toContain(found.version);
        stored = found;
      }
      await killing;
    }
    killer.release();
    expect([...kinds].filter((kind) => kind !== "ambiguous" && kind !== "unavailable")).toEqual([]);
  });

  async function connectionsBeside(one: Queries): Promise<readonly number[]> {
    const [rows] = await one.query(
      `SELECT id FROM information_schema.processlist WHERE db = '${stores.database}' AND id <> CONNECTION_ID()`,
    );
    return (rows as { id: number }[]).map(({ id }) => id);
  }
});

interface Queries {
  query(text: string): Promise<readonly unknown[]>;
}

describe("a server that dies", () => {
  requireOrExplain("mariadbd", findMariaDb)("while people sign in and out", (programs) => {
    test("has afterwards all that was acknowledged, and no login by half", { timeout: 60_000 }, async () => {
      await using server = await startMariaDb(programs);
      const pool = createPool({ uri: `${server.url}/mysql`, connectionLimit: 8 });
      onTestFinished(() => pool.end());
      const store = mysqlStore(pool);
      expect(await store.open()).toEqual([]);
      const limit = { max: 1, over: "evict-oldest" } as const;
      const users = Array.from({ length: 8 }, (_, index) => `user ${index}`);
      let killing: Promise<void> | undefined;
      let logins = 0;
      const last = await Promise.all(
        users.map(async (user) => {
          let acknowledged = recordOf(user);
          await store.create(acknowledged, { ...LOGIN, limit });
          for (let n = 1; ; n++) {
            const next = recordOf(user, { createdAt: NOW + n });
            try {
              expect(await store.create(next, { ...LOGIN, limit })).toEqual({ ok: true });
            } catch {
              return [acknowledged, next];
            }
            acknowledged = next;
            if (++logins >= 80) killing ??= server.kill();
          }
        }),
      );
      await killing;
      await server.start();
      await until(async () => (await store.health(at(0))).ok);
      for (const [acknowledged, attempted] of last) {
        const { sessions } = await store.listByUser(acknowledged?.userId ?? "", { ...at(0), limit: 3 });
        // One or the other is there: never both, and never neither.
        expect(sessions).toHaveLength(1);
        expect([acknowledged?.id, attempted?.id]).toContain(sessions[0]?.id);
      }
    });
  });

  requireOrExplain("mariadbd", findMariaDb)("and whose disk is taken", (programs) => {
    test("has no token on it, and nobody who was erased once the tables are written anew", {
      timeout: 60_000,
    }, async () => {
      await using server = await startMariaDb(programs);
      const pool = createPool({ uri: `${server.url}/mysql`, connectionLimit: 2 });
      onTestFinished(() => pool.end());
      const store = mysqlStore(pool);
      const sessions = createSessions({ store, origin: TEST_ORIGIN });
      const browser = new TestBrowser(sessions);
      await browser.visit((session) => session.login("ada-lovelace", { label: "label of ada" }), POST);
      await browser.visit((session) => session.set("note", "data of ada"), POST);
      await server.kill();
      const disk = remainsOf(server.folder);
      const traces = ["ada-lovelace", "label of ada", "data of ada"];
      for (const trace of traces) expect(holds(disk, trace)).toBe(true);
      const tokens = [...browser.jar.values()];
      expect(tokens.length).toBeGreaterThan(0);
      for (const token of tokens) {
        expect(holds(disk, token)).toBe(false);
        // The half that opens the session, and not its id.
        const secret = Buffer.from(token, "base64url").subarray(16);
        for (const half of [secret.subarray(0, 16), secret.subarray(16)]) {
          expect(disk.some((bytes) => Buffer.from(bytes).includes(half))).toBe(false);
        }
      }

      await server.start();
      await until(async () => (await store.health(at(0))).ok);
      expect(await sessions.erase("ada-lovelace")).toBe(1);
      await pool.query("OPTIMIZE TABLE sojourn_sessions, sojourn_marks");
      const connection = await pool.getConnection();
      await connection.query("FLUSH TABLES sojourn_sessions, sojourn_marks FOR EXPORT");
      const files = remainsOf(`${server.folder}/mysql`);
      for (const trace of traces) expect(holds(files, trace)).toBe(false);
      await connection.query("UNLOCK TABLES");
      connection.release();
      await sessions.close();
    });
  });
});
