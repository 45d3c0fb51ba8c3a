/** What stores take, in bytes, as each kind of server tells it. */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** What files take of the disk, in its blocks. */
export function diskUse(path: string): number {
  let bytes = 0;
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true })) {
    bytes += statSync(join(entry.parentPath, entry.name)).blocks * 512;
  }
  return bytes;
}

/** `info`: what `INFO memory` answers. */
export function redisBytes(info: string): number {
  return Number(/used_memory:(\d+)/.exec(info)?.[1]);
}

/** For one schema, with indexes; one row `bytes`. */
export const POSTGRES_BYTES = `SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::float8 AS bytes FROM pg_class
  WHERE relkind = 'r' AND relnamespace = to_regnamespace($1)`;

/** For one database, with indexes, as of its last ANALYZE TABLE; one row `bytes`. */
export const MYSQL_BYTES = `SELECT coalesce(sum(data_length + index_length), 0) AS bytes FROM information_schema.tables
  WHERE table_schema = ?`;
