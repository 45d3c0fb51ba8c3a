// The PostgreSQL store by other ways to the server than a pool of its own settings: stricter isolation, one connection
// alone, and a pooler in transaction mode, where each statement may meet another connection. What that could break are
// races, so these are the cases.
import { randomBytes } from "node:crypto";
import { Client, Pool } from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type PostgresClient,
  type PostgresStore,
  type PostgresStoreOptions,
  postgresStore,
} from "../../src/stores/postgres.ts";
import { storeContract } from "../../src/testing/store-contract/index.ts";
import { register } from "../../src/testing/store-contract/register.ts";
import { requireOrExplain } from "../support/requires.ts";
import { findPgBouncer, type PgBouncer, startPgBouncer } from "../support/servers/pgbouncer.ts";
import { server } from "../support/servers/postgres.ts";
import { at, recordOf, since } from "../support/stored-records.ts";

const RACES = /^(replaces: of|limit |save: counts|delete: wins|deleteByUser: ).*two handles/;

requireOrExplain("a PostgreSQL server", () => server)("PostgreSQL", (url) => {
  const schema = `sojourn_${randomBytes(6).toString("hex")}`;
  const admin = new Pool({ connectionString: url, max: 1 });
  afterAll(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.end();
  });

  describe.each(["repeatable read", "serializable"])("with transactions that are %s", (level) => {
    const settings = `-c default_transaction_isolation=${level.replace(" ", "\\ ")} -c synchronous_commit=off`;
    races("pg", () => new Pool({ connectionString: url, max: 10, options: settings }));
  });

  describe("through a single Client", () => {
    races("pg", async () => {
      const client = new Client({ connectionString: url, options: "-c synchronous_commit=off" });
      await client.connect();
      return client;
    });
  });

  describe("through connections that pipeline", () => {
    const settings = { connectionString: url, pipeline: true, options: "-c synchronous_commit=off" };
    races("pg", () => new Pool({ ...settings, max: 10 }));
    races("pg", async () => {
      const client = new Client(settings);
      await client.connect();
      return client;
    });

    test("reads share one, and a login that waits for a lock holds up none of them", async () => {
      const pool = new Pool({ ...settings, max: 3 });
      const store = postgresStore(pool, { schema, prefix: "pipelined_" });
      try {
        await store.open();
        const record = recordOf("ada");
        await store.create(record, { ...at(0), since: since() });
        const holder = await pool.connect();
        await holder.query("BEGIN");
        await holder.query(`UPDATE ${schema}.pipelined_marks SET forget_at = forget_at + 1`);
        const login = store.create(recordOf("ada"), { ...at(0), since: since() });
        const reads = await Promise.all(Array.from({ length: 50 }, () => store.load(record.id, at(0))));
        expect(reads.map((found) => found && "id" in found && found.id)).toEqual(reads.map(() => record.id));
        expect(pool.totalCount).toBe(3);
        await holder.query("COMMIT");
        holder.release();
        expect(await login).toEqual({ ok: true });
        expect(pool.idleCount).toBe(pool.totalCount);
      } finally {
        await pool.end();
      }
    });

    test("a connection over which a read failed is given up, and the next read has another", async () => {
      const pool = new Pool({ ...settings, max: 3 });
      pool.on("error", () => {});
      const store = postgresStore(pool, { schema, prefix: "pipelined_" });
      try {
        await store.open();
        const { id } = recordOf("ada");
        await admin.query(`ALTER TABLE ${schema}.pipelined_sessions RENAME TO elsewhere`);
        const reads = await Promise.allSettled([store.load(id, at(0)), store.load(id, at(0))]);
        await admin.query(`ALTER TABLE ${schema}.elsewhere RENAME TO pipelined_sessions`);
        expect(reads.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
        expect(await store.load(id, at(0))).toBeNull();
        expect(pool.waitingCount).toBe(0);
      } finally {
        await pool.end();
      }
    });
  });

  requireOrExplain("pgbouncer", findPgBouncer)("behind PgBouncer", (program) => {
    const preparedStatements = false;
    let bouncer: PgBouncer;
    beforeAll(async () => {
      bouncer = await startPgBouncer(program, url, 3);
    });
    afterAll(() => bouncer[Symbol.asyncDispose]());

    races("pg", () => new Pool({ connectionString: bouncer.url, max: 12 }), { preparedStatements });
    races("postgres", () => postgres(bouncer.url, { max: 12 }), { preparedStatements });

    test("a store that prepares its statements says what to set", async () => {
      await using narrow = await startPgBouncer(program, url, 1);
      const pool = new Pool({ connectionString: narrow.url, max: 2 });
      try {
        const store = postgresStore(pool, { schema, prefix: "prepared_" });
        await store.open();
        // Two clients of the pooler prepare the same statement on its one connection.
        const record = recordOf("ada");
        const both = [1, 2].map(() => store.create(record, { ...at(0), since: since() }));
        const [fault] = (await Promise.allSettled(both)).flatMap((result) =>
          result.status === "rejected" ? [result.reason as Error] : [],
        );
        const message = expect.stringContaining("preparedStatements: false") as string;
        expect(fault).toMatchObject({ kind: "unavailable", message });
        await store.close();
      } finally {
        await pool.end();
      }
    });
  });

  let count = 0;

  function races(
    library: string,
    connect: () =>
      | (PostgresClient & { end(): Promise<void> })
      | Promise<PostgresClient & { end(): Promise<void> }>,
    options: PostgresStoreOptions = {},
  ): void {
    describe(`by ${library}`, () => {
      let client: Awaited<ReturnType<typeof connect>>;
      beforeAll(async () => {
        client = await connect();
      });
      afterAll(() => client.end());
      const prefixes = new WeakMap<object, string>();
      const on = async (prefix: string): Promise<PostgresStore> => {
        const store = postgresStore(client, { schema, prefix, ...options });
        prefixes.set(store, prefix);
        return store;
      };
      const again = (store: object): Promise<PostgresStore> => on(prefixes.get(store) ?? "");
      const { guarantees } = postgresStore({ query: async () => ({ rows: [] }) });
      /** Two sets of tables take turns: to make them takes longer than most cases. */
      const open = async (): Promise<PostgresStore> => {
        const prefix = `turn${count % 2}_`;
        const tables = ["sessions", "marks"].map((name) => `${schema}.${prefix}${name}`);
        if (count++ > 1) await admin.query(tables.map((name) => `DELETE FROM ${name}`).join("; "));
        return on(prefix);
      };
      const cases = storeContract({ guarantees, open, reopen: again, second: again, many: 300 });
      const chosen = cases.filter(({ name }) => RACES.test(name));
      test("has races to run", () => expect(chosen.length).toBeGreaterThan(6));
      register(chosen, test);
    });
  }
});
