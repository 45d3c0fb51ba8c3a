/** PostgreSQL: one server, with a schema for each store. Its writes are not flushed to the disk, which is another matter. */
import { Pool } from "pg";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { findPostgresServer, startPostgres } from "../../../test/support/servers/postgres-server.ts";
import { POSTGRES_BYTES } from "../../shared/footprint.ts";
import { type Fleet, ORIGINALS } from "../fleet.ts";
import { type Place, PlaceMissingError } from "../place.ts";

const SETTINGS = ["fsync=off", "shared_buffers=1GB", "max_wal_size=4GB", "autovacuum=on"];

export async function postgresPlace(): Promise<Place> {
  const programs = findPostgresServer();
  if ("missing" in programs) throw new PlaceMissingError(programs.missing);
  const server = await startPostgres(programs.found, ...SETTINGS);
  const pool = new Pool({ connectionString: server.url, max: 16 });
  pool.on("error", () => {}); // told by the query that meets it
  const { rows } = await pool.query<{ server_version: string }>("SHOW server_version");
  let count = 0;
  return {
    title: "PostgreSQL",
    version: `PostgreSQL ${rows[0]?.server_version.split(" ")[0]}`,
    async make() {
      const schema = `scale_${++count}`;
      const store = postgresStore(pool, { schema });
      await store.open();
      return {
        store,
        async bytes() {
          const found = await pool.query<{ bytes: number }>(POSTGRES_BYTES, [schema]);
          return found.rows[0]?.bytes ?? Number.NaN;
        },
        createsUpTo: ORIGINALS,
        copy: (fleet, from, to) => copyRows(pool, schema, fleet, from, to),
        async settle() {
          await pool.query(`VACUUM ANALYZE ${schema}.sojourn_sessions`);
        },
        async [Symbol.asyncDispose]() {
          await store.close();
          await pool.query(`DROP SCHEMA ${schema} CASCADE`);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Whatever columns there are, with another id and another user. */
async function copyRows(pool: Pool, schema: string, fleet: Fleet, from: number, to: number): Promise<void> {
  const { rows } = await pool.query<{ name: string }>(
    `SELECT column_name AS name FROM information_schema.columns
      WHERE table_schema = $1 AND table_name = 'sojourn_sessions'`,
    [schema],
  );
  const names = rows.map(({ name }) => name);
  const values = names.map((name) => {
    if (name === "id") return "decode(md5(encode(id, 'hex') || ':' || copy), 'hex')";
    return name === "user_id" ? "user_id || '-' || copy" : name;
  });
  const table = `${schema}.sojourn_sessions`;
  await pool.query(
    `INSERT INTO ${table} (${names.join(", ")}) SELECT ${values.join(", ")}
      FROM generate_series($1::int, $2::int) AS copy, (SELECT * FROM ${table} WHERE id = ANY ($3)) AS originals`,
    [from, to, fleet.originals.map(({ id }) => Buffer.from(id, "base64url"))],
  );
}
