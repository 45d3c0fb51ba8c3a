/** MariaDB: one server, with a database for each store. Its writes are not flushed to the disk, which is another matter. */
import { createPool, type Pool, type RowDataPacket } from "mysql2/promise";
import { mysqlStore } from "../../../src/stores/mysql.ts";
import { userDigest } from "../../../src/stores/user-digest.ts";
import { findMariaDb, startMariaDb } from "../../../test/support/servers/mariadb.ts";
import { MYSQL_BYTES } from "../../shared/footprint.ts";
import { copyOfId, type Fleet, ORIGINALS } from "../fleet.ts";
import { type Place, PlaceMissingError } from "../place.ts";

const SETTINGS = [
  "--innodb-buffer-pool-size=2G",
  "--innodb-log-file-size=1G",
  "--innodb-flush-log-at-trx-commit=0",
];

export async function mysqlPlace(): Promise<Place> {
  const programs = findMariaDb();
  if ("missing" in programs) throw new PlaceMissingError(programs.missing);
  const server = await startMariaDb(programs.found, ...SETTINGS);
  const admin = createPool({ uri: server.url, connectionLimit: 1 });
  const [rows] = await admin.query<RowDataPacket[]>("SELECT version() AS version");
  let count = 0;
  return {
    title: "MySQL",
    version: `MariaDB ${String(rows[0]?.version).split("-")[0]}`,
    async make() {
      const database = `scale_${++count}`;
      await admin.query(`CREATE DATABASE ${database}`);
      const pool = createPool({ uri: `${server.url}/${database}`, connectionLimit: 16 });
      const store = mysqlStore(pool);
      await store.open();
      return {
        store,
        async bytes() {
          await admin.query(`ANALYZE TABLE ${database}.sojourn_sessions`);
          const [found] = await admin.query<RowDataPacket[]>(MYSQL_BYTES, [database]);
          return Number(found[0]?.bytes);
        },
        createsUpTo: ORIGINALS,
        copy: (fleet, from, to) => copyRows(pool, fleet, from, to),
        async [Symbol.asyncDispose]() {
          await store.close();
          await pool.end();
          await admin.query(`DROP DATABASE ${database}`);
        },
      };
    },
    async [Symbol.asyncDispose]() {
      await admin.end();
      await server[Symbol.asyncDispose]();
    },
  };
}

/**
 * Whatever columns there are, with another place, id and user. Users are indexed by a keyed digest, which no statement
 * can make: so rows come here and go back, a copy of all originals at a time.
 */
async function copyRows(pool: Pool, fleet: Fleet, from: number, to: number): Promise<void> {
  const [meta] = await pool.query<RowDataPacket[]>("SELECT value FROM sojourn_meta WHERE name = 'user key'");
  const digest = userDigest(meta[0]?.value);
  const places = new Map(fleet.originals.map(({ id }, place) => [id, place]));
  const [stored, fields] = await pool.query<RowDataPacket[][]>({
    sql: `SELECT * FROM sojourn_sessions WHERE id IN (?)`,
    values: [fleet.originals.map(({ id }) => Buffer.from(id, "base64url"))],
    rowsAsArray: true,
  });
  const column = (name: string): number => fields.findIndex((field) => field.name === name);
  const [seq, id, user, person] = [column("seq"), column("id"), column("user_id"), column("person")];
  const ordered: unknown[][] = [];
  for (const row of stored as unknown[][]) {
    ordered[places.get(Buffer.from(row[id] as Uint8Array).toString("base64url")) ?? -1] = row;
  }
  for (let copy = from; copy <= to; copy++) {
    const rows = ordered.map((row, place) => {
      const copied = [...row];
      const userId = `${fleet.originals[place]?.userId}-${copy}`;
      copied[seq] = null; // the server counts on
      copied[id] = Buffer.from(copyOfId(fleet.originals[place]?.id ?? "", copy), "base64url");
      copied[user] = Buffer.from(userId);
      copied[person] = digest(userId);
      return copied;
    });
    await pool.query("INSERT INTO sojourn_sessions VALUES ?", [rows]);
  }
}
