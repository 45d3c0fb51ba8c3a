// Sign-in is not measured: what it takes is the hash of the password, as it should. The login here only makes sessions.
import { createHmac, randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type BetterAuthOptions, betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { fromNodeHeaders, toNodeHandler } from "better-auth/node";
import { postgresPool, redisClient } from "../drivers.ts";
import { expressServer } from "../frameworks/express.ts";
import { SECRET } from "../secret.ts";
import { shop } from "../shop.ts";
import type { Store, Subject } from "../subject.ts";

export const subject: Subject = {
  library: "better-auth",
  framework: "Express 5",
  stores: ["sqlite", "redis", "postgres", "mysql"],
  workloads: ["untouched", "anonymous", "read", "logout"],
  async start(store, address) {
    const options = {
      ...(await placeOf(store, address)),
      baseURL: "https://shop.example",
      secret: SECRET,
      session: { additionalFields: { theme: { type: "string" }, shop: { type: "string" } } },
    } satisfies BetterAuthOptions;
    const auth = betterAuth(options);
    await (await getMigrations(options)).runMigrations();
    const { internalAdapter, authCookies } = await auth.$context;

    return expressServer((app) => app.all("/api/auth/*splat", toNodeHandler(auth)), {
      async read(req) {
        const held = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) });
        return { user: held?.user.name ?? null, theme: held?.session.theme ?? null };
      },
      write() {
        throw new Error("a session of better-auth holds no data that is changed like this");
      },
      async login(name, _req, res) {
        const user = await internalAdapter.createUser(
          { name, email: `${randomUUID()}@shop.example` },
          { method: "email-password" },
        );
        const data = { theme: shop().theme, shop: JSON.stringify(shop()) };
        const { token } = await internalAdapter.createSession(user.id, false, data);
        const signature = createHmac("sha256", SECRET).update(token).digest("base64");
        res.cookie(authCookies.sessionToken.name, `${token}.${signature}`, { secure: true, httpOnly: true });
      },
      async logout(req, res) {
        const { headers } = await auth.api.signOut({
          headers: fromNodeHeaders(req.headers),
          returnHeaders: true,
        });
        res.append("set-cookie", headers.getSetCookie());
      },
    });
  },
};

/** In Redis the sessions alone, as secondary storage: the users are where they are quickest. */
async function placeOf(store: Store | null, address: string): Promise<Partial<BetterAuthOptions>> {
  switch (store) {
    case "sqlite":
      return { database: openFile(join(address, "auth.db")) };
    case "postgres":
      return { database: await postgresPool(address) };
    case "mysql": {
      const { createPool } = await import("mysql2/promise");
      return { database: createPool({ uri: address, timezone: "Z" }) };
    }
    default:
      return { database: new DatabaseSync(":memory:"), secondaryStorage: await inRedis(address) };
  }
}

async function inRedis(url: string): Promise<NonNullable<BetterAuthOptions["secondaryStorage"]>> {
  const client = await redisClient(url);
  return {
    get: (key) => client.get(key),
    getAndDelete: (key) => client.getDel(key),
    async increment(key, ttl) {
      const count = await client.incr(key);
      if (count === 1) await client.expire(key, ttl);
      return count;
    },
    set: async (key, value, ttl) => {
      await (ttl
        ? client.set(key, value, { expiration: { type: "EX", value: ttl } })
        : client.set(key, value));
    },
    delete: async (key) => void (await client.del(key)),
  };
}

/** With the log that the other libraries' files have, though its page does not say so. */
function openFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL");
  return database;
}
