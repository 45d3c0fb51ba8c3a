/** Outages of a PostgreSQL server. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Pool } from "pg";
import postgres from "postgres";
import { afterAll, beforeAll, describe, it } from "vitest";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { requireOrExplain } from "../../support/requires.ts";
import {
  findPostgresServer,
  type PostgresServer,
  startPostgres,
} from "../../support/servers/postgres-server.ts";
import { type Connected, type Subject, suffers, TROUBLES, type Trouble, WRITES } from "./suite.ts";

const ROLE = "shop";
const PASSWORD = "secret";

const OF_POSTGRES: readonly Trouble<PostgresServer>[] = [
  {
    name: "takes the password no more",
    stops: "everything",
    async begin({ run }) {
      await run(`ALTER ROLE ${ROLE} PASSWORD 'another'`);
      await run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`);
      return async () => void (await run(`ALTER ROLE ${ROLE} PASSWORD '${PASSWORD}'`));
    },
  },
  {
    name: "has become read-only",
    stops: WRITES,
    async begin({ run }) {
      const set = async (value: string): Promise<void> => {
        await run(`ALTER ROLE ${ROLE} SET default_transaction_read_only = ${value}`);
        await run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${ROLE}'`);
      };
      await set("on");
      return () => set("off");
    },
  },
  {
    name: "permits no writing",
    stops: WRITES,
    async begin({ run }) {
      const tables = "ALL TABLES IN SCHEMA public";
      await run(`REVOKE INSERT, UPDATE, DELETE ON ${tables} FROM ${ROLE}`);
      return async () => void (await run(`GRANT INSERT, UPDATE, DELETE ON ${tables} TO ${ROLE}`));
    },
  },
];

interface Disk {
  readonly folder: string;
  unmount(): void;
}

/** `null` where it is not permitted. */
function mountSmallDisk(): Disk | null {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-disk-"));
  try {
    execFileSync("/usr/bin/mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], { stdio: "ignore" });
    execFileSync("chown", ["postgres", folder]);
  } catch {
    rmSync(folder, { recursive: true });
    return null;
  }
  return {
    folder,
    unmount() {
      execFileSync("/usr/bin/umount", [folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

/** 53100: disk_full. Whatever else goes wrong is a failure of the test. */
function isFull(error: unknown): false {
  if (typeof error === "object" && error !== null && "code" in error && error.code === "53100") return false;
  throw error;
}

const DRIVERS: Readonly<Record<string, (url: string, prefix: string) => Connected>> = {
  pg(url, prefix) {
    const pool = new Pool({ connectionString: url, max: 4 });
    pool.on("error", () => {}); // what it means for a call, the call says
    return { store: postgresStore(pool, { prefix }), close: () => pool.end() };
  },
  postgres(url, prefix) {
    const sql = postgres(url, { max: 4, backoff: () => 0.02 });
    return { store: postgresStore(sql, { prefix }), close: () => sql.end({ timeout: 1 }) };
  },
};

requireOrExplain("a PostgreSQL server", findPostgresServer)("when the PostgreSQL server", (programs) => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres(programs);
    await server.run(`CREATE ROLE ${ROLE} LOGIN PASSWORD '${PASSWORD}'`);
    await server.run(`GRANT CREATE ON SCHEMA public TO ${ROLE}`);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  let opened = 0;
  const subject = (driver: string): Subject<PostgresServer> => ({
    server,
    async connect(port) {
      const made = DRIVERS[driver]?.(
        `postgres://${ROLE}:${PASSWORD}@127.0.0.1:${port}/postgres`,
        `t${opened++}_`,
      );
      if (!made) throw new Error(`There is no driver ${driver}.`);
      return made;
    },
  });

  it.each([...TROUBLES, ...OF_POSTGRES])("$name", (trouble) => suffers(subject("pg"), trouble));

  it("lacks the function by which people sign in", async () => {
    const missing: Trouble<PostgresServer> = {
      name: "",
      stops: ["login"],
      async begin({ run }) {
        const called = `t${opened - 1}_create_1`;
        const [[definition] = []] = await run(`SELECT pg_get_functiondef('${called}'::regproc)`);
        await run(`DROP FUNCTION ${called}`);
        return async () => void (await run(String(definition)));
      },
    };
    await suffers(subject("pg"), missing);
  });

  it("has a full disk", async (context) => {
    const disk = mountSmallDisk();
    if (disk === null) return context.skip("no small disk can be mounted: that takes root");
    const { run } = server;
    try {
      await run(`CREATE TABLESPACE small LOCATION '${disk.folder}'`);
      await run(`GRANT CREATE ON TABLESPACE small TO ${ROLE}`);
      await run(`ALTER ROLE ${ROLE} SET default_tablespace = small`);
      await suffers(subject("pg"), {
        name: "",
        stops: ["fill"],
        async begin() {
          await run("CREATE TABLE filling (bytes text) TABLESPACE small");
          const fill = "INSERT INTO filling SELECT repeat('x', 1000) FROM generate_series(1, $)";
          for (const rows of [100_000, 1000, 10]) {
            while (await run(fill.replace("$", String(rows))).then(() => true, isFull)) {
              // until nothing more goes in
            }
          }
          return async () => void (await run("DROP TABLE filling"));
        },
      });
    } finally {
      await run(`ALTER ROLE ${ROLE} RESET default_tablespace`);
      await run(`DROP OWNED BY ${ROLE}`);
      await run(`GRANT CREATE ON SCHEMA public TO ${ROLE}`);
      await run("DROP TABLESPACE small");
      disk.unmount();
    }
  });

  describe("asked by postgres,", () => {
    it.each(TROUBLES)("$name", (trouble) => suffers(subject("postgres"), trouble));
  });
});
