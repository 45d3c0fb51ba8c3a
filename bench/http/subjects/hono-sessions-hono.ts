import type { Context, MiddlewareHandler } from "hono";
import {
  CookieStore,
  type Store as HonoStore,
  MemoryStore,
  type Session,
  type SessionData,
  sessionMiddleware,
} from "hono-sessions";
import { redisClient } from "../drivers.ts";
import { honoServer } from "../frameworks/hono.ts";
import type { Held } from "../held.ts";
import { SECRET } from "../secret.ts";
import { type Shop, shop } from "../shop.ts";
import type { Store, Subject } from "../subject.ts";

const IDLE_SECONDS = 30 * 60;

const heldBy = (context: Context): Session<Held> => context.get("session");

export const subject: Subject = {
  library: "hono-sessions",
  framework: "Hono 4",
  stores: ["memory", "redis", "cookie"],
  async start(name, address) {
    const store = await storeFor(name, address);
    const middleware: MiddlewareHandler = sessionMiddleware({
      store,
      encryptionKey: SECRET,
      expireAfterSeconds: IDLE_SECONDS,
      cookieOptions: { sameSite: "Lax", path: "/", httpOnly: true },
    });
    return honoServer((app) => app.use("*", middleware), {
      read(context) {
        const session = heldBy(context);
        return { user: session.get("user") ?? null, theme: session.get("theme") ?? null };
      },
      write(context) {
        const session = heldBy(context);
        const visits = (session.get("visits") ?? 0) + 1;
        session.set("visits", visits);
        return visits;
      },
      login(user, context) {
        const session = heldBy(context);
        session.set("user", user);
        for (const [key, value] of Object.entries(shop())) session.set(key as keyof Shop, value);
        context.set("session_key_rotation", true);
      },
      logout: (context) => heldBy(context).deleteSession(),
    });
  },
};

async function storeFor(name: Store | null, address: string): Promise<HonoStore | CookieStore> {
  if (name === "cookie") return new CookieStore();
  return name === "redis" ? onRedis(address) : new MemoryStore();
}

/** By its documented interface, since it comes with none. */
async function onRedis(url: string): Promise<HonoStore> {
  const client = await redisClient(url);
  const expiration = { type: "EX", value: IDLE_SECONDS } as const;
  const write = async (id: string, data: SessionData): Promise<void> => {
    await client.set(id, JSON.stringify(data), { expiration });
  };
  return {
    async getSessionById(id = "") {
      const stored = await client.get(id);
      return stored === null ? null : JSON.parse(stored);
    },
    createSession: write,
    persistSessionData: write,
    deleteSession: async (id) => void (await client.del(id)),
  };
}
