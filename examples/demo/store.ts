/** Where sessions are kept: whatever STORE says, SQLite in the data folder otherwise. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SessionStore } from "sojourn";
import { cookieStore, newKey } from "sojourn/stores/cookie";
import { fileStore } from "sojourn/stores/file";
import { memoryStore } from "sojourn/stores/memory";
import { mysqlStore } from "sojourn/stores/mysql";
import { postgresStore } from "sojourn/stores/postgres";
import { redisStore } from "sojourn/stores/redis";
import { sqliteStore } from "sojourn/stores/sqlite";
import { dataFolder, quit, storeAddress } from "./settings.ts";

interface Opened {
  readonly store: SessionStore;
  /** For people, without a password. */
  readonly place: string;
  /** Ends connections, which the store leaves to whoever made them. */
  disconnect(): Promise<void>;
}

/** A server that does not answer within this time is none. */
const PATIENCE_MS = 3000;

const PLACES: Readonly<Record<string, (rest: string) => Opened | Promise<Opened>>> = {
  "sqlite:": (path) => inProcess("SQLite", path || join(dataFolder, "sessions.db"), sqliteStore),
  "file:": (path) => inProcess("files", path || join(dataFolder, "sessions"), fileStore),
  "memory:": () => inProcess("memory", "until this server stops", () => memoryStore()),
  "cookie:": () => inCookies(),
  "redis:": onRedis,
  "rediss:": onRedis,
  "postgres:": onPostgres,
  "postgresql:": onPostgres,
  "mysql:": onMysql,
};

export const { store, place, disconnect } = await open();

async function open(): Promise<Opened> {
  const [, scheme = "", rest = ""] = /^([a-z]+:)(.*)$/.exec(storeAddress) ?? [];
  const openPlace = PLACES[scheme];
  if (openPlace) return openPlace(rest);
  return quit(
    `STORE must begin with ${Object.keys(PLACES).join(", ")}, but it is "${withoutPassword(storeAddress)}". ` +
      "For instance: STORE=redis://localhost:6379 npm start",
  );
}

function inProcess(kind: string, where: string, make: (path: string) => SessionStore): Opened {
  return { store: make(where), place: `${kind}: ${where}`, disconnect: async () => {} };
}

/** In browsers. A small SQLite file remembers who signed out, and the key that seals them is made once. */
function inCookies(): Opened {
  const keyFile = join(dataFolder, "cookie.key");
  if (!existsSync(keyFile)) writeFileSync(keyFile, newKey(), { mode: 0o600 });
  return {
    store: cookieStore({
      keys: readFileSync(keyFile, "utf8"),
      epochs: sqliteStore(join(dataFolder, "epochs.db")),
    }),
    place: "the cookies of each browser",
    disconnect: async () => {},
  };
}

async function onRedis(): Promise<Opened> {
  const { createClient } = await driver("redis", () => import("redis"));
  let hasConnected = false;
  const client = createClient({
    url: storeAddress,
    disableOfflineQueue: true, // fail at once while there is no connection
    socket: {
      connectTimeout: PATIENCE_MS,
      reconnectStrategy: (tries, cause) => (hasConnected ? Math.min(50 * 2 ** tries, 2000) : cause),
    },
  });
  client.on("error", (error) => {
    if (hasConnected) console.error("Redis:", error.message);
  });
  await client.connect().catch(unreachable);
  hasConnected = true;
  return {
    store: redisStore(client, { prefix: "wayside:" }),
    place: `Redis: ${withoutPassword(storeAddress)}`,
    disconnect: async () => client.destroy(),
  };
}

async function onPostgres(): Promise<Opened> {
  const { default: pg } = await driver("pg", () => import("pg"));
  const pool = new pg.Pool({ connectionString: storeAddress, connectionTimeoutMillis: PATIENCE_MS });
  pool.on("error", (error) => console.error("PostgreSQL:", error.message));
  await pool.query("SELECT 1").catch(unreachable);
  return {
    store: postgresStore(pool, { schema: "wayside" }),
    place: `PostgreSQL: ${withoutPassword(storeAddress)}`,
    disconnect: () => pool.end(),
  };
}

async function onMysql(): Promise<Opened> {
  const { createPool } = await driver("mysql2", () => import("mysql2/promise"));
  const pool = createPool({ uri: storeAddress, connectTimeout: PATIENCE_MS });
  await pool.query("SELECT 1").catch(unreachable);
  return {
    store: mysqlStore(pool, { prefix: "wayside_" }),
    place: `MySQL: ${withoutPassword(storeAddress)}`,
    disconnect: () => pool.end(),
  };
}

/** Loaded only where it is asked for, since nobody needs all of them. */
async function driver<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")) throw error;
    return quit(
      `STORE=${withoutPassword(storeAddress)} needs the library ${name}. Install it: npm install ${name}`,
    );
  }
}

function unreachable(error: unknown): never {
  // Several addresses of one name fail together, and then the message is on each of them.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return quit(
    `The session store ${withoutPassword(storeAddress)} cannot be used: ${first instanceof Error ? first.message : String(first)}. ` +
      "Start it, correct STORE, or leave STORE out to keep sessions in SQLite.",
  );
}

/** Up to the last @, and without the query, which some write a password into. */
function withoutPassword(address: string): string {
  return address.replace(/^([a-z+]*:(?:\/\/)?).*@/, "$1").replace(/\?.*$/, "");
}
