// Where the servers and their referee find the one store they share.
import { Redis } from "ioredis";
import { createPool } from "mysql2/promise";
import { Pool } from "pg";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { mysqlStore } from "../../../src/stores/mysql.ts";
import { postgresStore } from "../../../src/stores/postgres.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";

export type Place =
  | { readonly kind: "sqlite"; readonly path: string }
  | { readonly kind: "redis"; readonly url: string; readonly prefix: string }
  | { readonly kind: "mysql"; readonly url: string }
  | { readonly kind: "postgres"; readonly url: string; readonly schema: string };

export interface Connected {
  readonly store: SessionStore;
  disconnect(): Promise<void>;
}

export function connect(place: Place): Connected {
  if (place.kind === "sqlite") return { store: sqliteStore(place.path), disconnect: async () => {} };
  if (place.kind === "redis") {
    const client = new Redis(place.url);
    const disconnect = async (): Promise<void> => client.disconnect();
    return { store: redisStore(client, { prefix: place.prefix }), disconnect };
  }
  if (place.kind === "mysql") {
    const pool = createPool({ uri: place.url, connectionLimit: 5 });
    return { store: mysqlStore(pool), disconnect: () => pool.end() };
  }
  const pool = new Pool({ connectionString: place.url, max: 5, options: "-c synchronous_commit=off" });
  return { store: postgresStore(pool, { schema: place.schema }), disconnect: () => pool.end() };
}
