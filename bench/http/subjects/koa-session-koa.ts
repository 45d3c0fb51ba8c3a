import type { Context } from "koa";
import session from "koa-session";
import { redisClient } from "../drivers.ts";
import { koaServer } from "../frameworks/koa.ts";
import { type Held, heldActs } from "../held.ts";
import { SECRET } from "../secret.ts";
import { shop } from "../shop.ts";
import type { Store, Subject } from "../subject.ts";

type Holding = Context & { session: Held | null };
type Stored = Record<string, unknown>;

/** Its page names the three methods and leaves the store to the application. */
interface KoaStore {
  get(key: string): Promise<Stored | undefined>;
  set(key: string, session: Stored, maxAge: number): Promise<void>;
  destroy(key: string): Promise<void>;
}

const heldBy = (context: Context): Held => (context as Holding).session ?? {};

export const subject: Subject = {
  library: "koa-session",
  framework: "Koa 3",
  stores: ["memory", "redis", "cookie"],
  async start(name, address) {
    const store = await storeFor(name, address);
    return koaServer(
      (app) => {
        app.keys = [SECRET];
        app.use(session({ secure: true, ...(store && { store }) }, app));
      },
      {
        ...heldActs(heldBy),
        async login(user, context) {
          Object.assign(heldBy(context), { user, ...shop() });
        },
        logout(context) {
          (context as Holding).session = null;
        },
      },
    );
  },
};

async function storeFor(name: Store | null, address: string): Promise<KoaStore | null> {
  if (name === "memory") return inMemory();
  return name === "redis" ? onRedis(address) : null;
}

function inMemory(): KoaStore {
  const sessions = new Map<string, Stored>();
  return {
    get: async (key) => sessions.get(key),
    set: async (key, session) => void sessions.set(key, session),
    destroy: async (key) => void sessions.delete(key),
  };
}

async function onRedis(url: string): Promise<KoaStore> {
  const client = await redisClient(url);
  return {
    async get(key) {
      const stored = await client.get(key);
      return stored === null ? undefined : JSON.parse(stored);
    },
    set: async (key, session, maxAge) =>
      void (await client.set(key, JSON.stringify(session), { expiration: { type: "PX", value: maxAge } })),
    destroy: async (key) => void (await client.del(key)),
  };
}
