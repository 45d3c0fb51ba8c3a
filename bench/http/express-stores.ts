// The stores most applications of express-session have, as their own pages set them up. @fastify/session takes them too.
import { join } from "node:path";
import session, { type Store as ExpressStore, MemoryStore } from "express-session";
import { mysqlPool, postgresPool, redisClient } from "./drivers.ts";
import type { Store } from "./subject.ts";

export const EXPRESS_STORES: readonly Store[] = ["memory", "sqlite", "file", "redis", "postgres", "mysql"];

export async function expressStore(store: Store | null, address: string): Promise<ExpressStore> {
  switch (store) {
    case "memory":
      return new MemoryStore();
    case "sqlite": {
      const { default: Database } = await import("better-sqlite3");
      const { default: sqliteStore } = await import("better-sqlite3-session-store");
      const client = new Database(join(address, "sessions.db"));
      client.pragma("journal_mode = WAL"); // as the driver's own page recommends; the store's does not mention it
      return new (sqliteStore(session))({ client });
    }
    case "file": {
      const { default: fileStore } = await import("session-file-store");
      return new (fileStore(session))({ path: address });
    }
    case "redis": {
      const { RedisStore } = await import("connect-redis");
      return new RedisStore({ client: await redisClient(address) });
    }
    case "postgres": {
      const { default: pgStore } = await import("connect-pg-simple");
      return new (pgStore(session))({ pool: await postgresPool(address), createTableIfMissing: true });
    }
    case "mysql": {
      const { default: mysqlStore } = await import("express-mysql-session");
      const made = new (mysqlStore(session))({}, await mysqlPool(address));
      await made.onReady();
      return made;
    }
    default:
      throw new Error(`no store for express-session: ${store}`);
  }
}
