// Sojourn as its pages on production and on the stores have it.
import { join } from "node:path";
import { createSessions, type Session, type SessionStore, type Sessions } from "sojourn";
import { mysqlPool, postgresPool, redisClient } from "./drivers.ts";
import { type Shop, shop } from "./shop.ts";
import type { Acts, Store } from "./subject.ts";

/** What browsers show: TLS ends in front of every server of the benchmark. */
const origin = "https://shop.example";

/** What has to be said of these stores in production. Of cookies as the peers have them: no server, nothing revoked. */
const ACCEPT: Partial<Record<Store, readonly string[]>> = {
  memory: ["durable"],
  cookie: ["cas", "noRevival", "revokeUser"],
};

export async function ourSessions(name: Store | null, address: string): Promise<Sessions<Partial<Shop>>> {
  if (name === null) throw new Error("sessions need a store");
  const store = await storeOf(name, address);
  const sessions = createSessions<Shop>({ origin, store, accept: ACCEPT[name] ?? [] });
  await sessions.ready();
  return sessions;
}

async function storeOf(name: Store, address: string): Promise<SessionStore> {
  switch (name) {
    case "memory": {
      const { memoryStore } = await import("sojourn/stores/memory");
      return memoryStore();
    }
    case "sqlite": {
      const { sqliteStore } = await import("sojourn/stores/sqlite");
      return sqliteStore(join(address, "sessions.db"));
    }
    case "file": {
      const { fileStore } = await import("sojourn/stores/file");
      return fileStore(address);
    }
    case "redis": {
      const { redisStore } = await import("sojourn/stores/redis");
      return redisStore(await redisClient(address));
    }
    case "postgres": {
      const { postgresStore } = await import("sojourn/stores/postgres");
      return postgresStore(await postgresPool(address));
    }
    case "mysql": {
      const { mysqlStore } = await import("sojourn/stores/mysql");
      return mysqlStore(await mysqlPool(address));
    }
    case "cookie": {
      const { cookieStore, newKey } = await import("sojourn/stores/cookie");
      return cookieStore({ keys: newKey() });
    }
  }
}

/** `sessionOf` takes what the framework hands to a route. */
export function ourActs<Context extends readonly unknown[]>(
  sessionOf: (...context: Context) => Session<Partial<Shop>>,
): Acts<Context> {
  return {
    read(...context) {
      const session = sessionOf(...context);
      return { user: session.userId, theme: session.get("theme") ?? null };
    },
    write(...context) {
      const session = sessionOf(...context);
      session.update("visits", (visits = 0) => visits + 1);
      return session.get("visits") ?? 0;
    },
    async login(user, ...context) {
      await sessionOf(...context).login(user, { data: shop() });
    },
    logout: (...context) => sessionOf(...context).logout(),
  };
}
