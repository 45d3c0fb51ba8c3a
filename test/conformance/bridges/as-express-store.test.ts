/** Real servers of express-session and @fastify/session on stores of ours. */
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import express, { type Request } from "express";
import session from "express-session";
import Fastify from "fastify";
import { createClient } from "redis";
import { afterAll, describe, expect, it, vi } from "vitest";
import { asExpressStore, type ForeignSession } from "../../../src/adapters/express-session.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import { StoreFault } from "../../../src/errors.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { fromExpressStore } from "../../../src/stores/express-session.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { gate, TEST_ORIGIN } from "../../../src/testing/browser.ts";
import { fakeClock } from "../../../src/testing/clock.ts";
import { countCalls } from "../../../src/testing/counting-store.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, startRedis } from "../../support/servers/redis.ts";

const SECRET = "a secret of at least thirty-two characters";
const userId = ({ user }: ForeignSession): string | undefined =>
  typeof user === "string" ? user : undefined;

interface Held {
  user?: string;
  note?: string;
  regenerate(done: (error?: unknown) => void): void;
  destroy(done: (error?: unknown) => void): void;
}

interface Served extends AsyncDisposable {
  /** Answers status, text and the cookie to go on with. */
  visit(path: string, cookie?: string): Promise<{ status: number; text: string; cookie: string }>;
}

/** What the two applications have in common: who is it, sign in, sign out, write slowly. */
async function errand(path: string, held: Held, waiting?: () => Promise<void>): Promise<string> {
  if (path === "/note") held.note = "written";
  if (path === "/slow") {
    await waiting?.();
    held.note = "late";
  }
  return `${held.user ?? "nobody"} ${held.note ?? ""}`.trim();
}

async function done(act: (settle: (error?: unknown) => void) => void): Promise<void> {
  await new Promise<void>((resolve, reject) => act((error) => (error ? reject(error) : resolve())));
}

async function serveExpress(store: SessionStore, waiting?: () => Promise<void>): Promise<Served> {
  const app = express();
  const heldBy = (req: Request): Held => (req as unknown as { session: Held }).session;
  const own = asExpressStore(store, { Store: session.Store, userId });
  app.use(
    session({
      secret: SECRET,
      resave: false,
      saveUninitialized: false,
      store: own,
      cookie: { maxAge: 3_600_000 },
    }),
  );
  app.get("/login", async (req, res) => {
    await done((settle) => heldBy(req).regenerate(settle));
    heldBy(req).user = "ada";
    res.send("in");
  });
  app.get("/logout", async (req, res) => {
    await done((settle) => heldBy(req).destroy(settle));
    res.send("out");
  });
  app.use(async (req, res) => void res.send(await errand(req.path, heldBy(req), waiting)));
  app.use(
    (error: { status?: number; code?: string }, _req: unknown, res: express.Response, next: () => void) => {
      if (res.headersSent) next();
      else res.status(error.status ?? 500).send(error.code);
    },
  );
  const server = app.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    visit: visitor((server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function serveFastify(store: SessionStore, waiting?: () => Promise<void>): Promise<Served> {
  const app = Fastify();
  await app.register(fastifyCookie);
  await app.register(fastifySession, {
    secret: SECRET,
    saveUninitialized: false,
    cookie: { secure: false, maxAge: 3_600_000 },
    store: asExpressStore(store, { userId }),
  });
  app.get("/login", async (request) => {
    await request.session.regenerate();
    Object.assign(request.session, { user: "ada" });
    return "in";
  });
  app.get("/logout", async (request) => {
    await request.session.destroy();
    return "out";
  });
  app.get("/*", async (request) => errand(request.url, request.session as unknown as Held, waiting));
  await app.listen({ port: 0, host: "127.0.0.1" });
  return {
    visit: visitor((app.server.address() as AddressInfo).port),
    async [Symbol.asyncDispose]() {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function visitor(port: number): Served["visit"] {
  return async (path, cookie = "") => {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: cookie ? { cookie } : {} });
    const [set] = answer.headers.getSetCookie();
    return { status: answer.status, text: await answer.text(), cookie: set?.split(";")[0] ?? cookie };
  };
}

const folder = mkdtempSync(join(tmpdir(), "sojourn-as-express-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SERVERS = [
  ["express-session", serveExpress],
  ["@fastify/session", serveFastify],
] as const;

function declare(title: string, open: () => Promise<SessionStore>): void {
  describe.each(SERVERS)(`%s on ${title}`, (library, serve) => {
    it("signs in, writes, and is listed and revoked by a manager of ours", async () => {
      const store = await open();
      await using site = await serve(store);
      const { cookie } = await site.visit("/login");
      await site.visit("/note", cookie);
      expect((await site.visit("/me", cookie)).text).toBe("ada written");
      const sessions = createSessions({ store, origin: TEST_ORIGIN, accept: ["durable"] });
      expect(await sessions.list("ada")).toMatchObject([{ userId: "ada" }]);
      expect(await sessions.revokeAll("ada")).toBe(1);
      expect((await site.visit("/me", cookie)).text).toBe("nobody");
      expect((await site.visit("/logout", (await site.visit("/login")).cookie)).status).toBe(200);
      expect(await sessions.list("ada")).toEqual([]);
      await store.close();
    });

    it("a slow request that writes after the logout brings nothing back", async () => {
      const store = await open();
      const [reached, parked] = [gate(), gate()];
      await using site = await serve(store, async () => {
        reached.open();
        await parked.passed;
      });
      const { cookie } = await site.visit("/login");
      const slow = site.visit("/slow", cookie);
      await reached.passed;
      expect((await site.visit("/logout", cookie)).text).toBe("out");
      parked.open();
      await slow.catch(() => {}); // express-session has begun to answer when the store refuses
      expect((await site.visit("/me", cookie)).text, library).toBe("nobody");
      await store.close();
    });
  });
}

declare("memoryStore", async () => memoryStore());
let files = 0;
declare("sqliteStore", async () => sqliteStore(join(folder, `${++files}.db`)));

requireOrExplain("redis-server", findRedisServer)("a server of Redis", (program) => {
  const starting = startRedis(program);
  const connecting = starting.then(async ({ port }) => {
    const client = createClient({ url: `redis://127.0.0.1:${port}` });
    client.on("error", () => {});
    return client.connect();
  });
  afterAll(async () => {
    (await connecting).destroy();
    await (await starting)[Symbol.asyncDispose]();
  });
  let prefixes = 0;
  declare("redisStore", async () => redisStore(await connecting, { prefix: `as${++prefixes}:` }));
});

describe("a store of ours in the form of express-session", () => {
  const HOUR = 3_600_000;
  const call = <T>(act: (answer: (error: unknown, value?: T) => void) => void): Promise<T | undefined> =>
    new Promise((resolve, reject) => act((error, value) => (error ? reject(error) : resolve(value))));

  it("holds no session id, and names a row by what nobody can turn into one", async () => {
    const store = memoryStore();
    const own = asExpressStore(store, { userId });
    const sid = "s3cr3t-session-id-of-a-browser";
    await call((answer) => own.set(sid, { user: "ada" }, answer));
    const page = await store.listByUser("ada", { now: Date.now(), limit: 10 });
    expect(page.sessions).toHaveLength(1);
    expect(JSON.stringify(page)).not.toContain(sid);
  });

  it("expires with the cookie, or after the idle time where the cookie has no expiry", async () => {
    const clock = fakeClock();
    const own = asExpressStore(memoryStore(), { clock: clock.now, idleTimeout: "2h" });
    const expires = new Date(clock.now() + HOUR);
    await call((answer) => own.set("cookie", { cookie: { expires } }, answer));
    await call((answer) => own.set("none", { cookie: { expires: null } }, answer));
    clock.advance(HOUR - 1);
    expect(await call((answer) => own.get("cookie", answer))).toEqual({
      cookie: { expires: expires.toISOString() },
    });
    clock.advance(1);
    expect(await call((answer) => own.get("cookie", answer))).toBeNull();
    expect(await call((answer) => own.get("none", answer))).toBeTruthy();
    clock.advance(HOUR);
    expect(await call((answer) => own.get("none", answer))).toBeNull();
  });

  it("touches when it matters, and shows the moved expiry", async () => {
    const clock = fakeClock();
    const { store, counts } = countCalls(memoryStore());
    const own = asExpressStore(store, { clock: clock.now });
    const rolling = () => ({ cookie: { expires: new Date(clock.now() + HOUR) } });
    await call((answer) => own.set("sid", rolling(), answer));
    for (let minute = 0; minute < 9; minute++) {
      clock.advance(60_000);
      await call((answer) => own.touch("sid", rolling(), answer));
    }
    expect(counts.calls.touch).toBe(3);
    const found = await call<ForeignSession | null>((answer) => own.get("sid", answer));
    expect(found?.cookie?.expires).toBe(new Date(clock.now() + HOUR).toISOString());
  });

  it("keeps the later of two writes, and each of 20 at once is answered", async () => {
    const own = asExpressStore(memoryStore());
    await call((answer) => own.set("sid", { n: -1 }, answer));
    await Promise.all(Array.from({ length: 20 }, (_, n) => call((answer) => own.set("sid", { n }, answer))));
    expect(await call((answer) => own.get("sid", answer))).toEqual({ n: expect.any(Number) });
  });

  it("refuses to write into what has ended, also when the end is no longer remembered", async () => {
    const clock = fakeClock();
    const own = asExpressStore(memoryStore(), { clock: clock.now });
    await call((answer) => own.set("sid", {}, answer));
    await call((answer) => own.destroy("sid", answer));
    const ended = { code: "SESSION_ENDED", status: 401 };
    await expect(call((answer) => own.set("sid", {}, answer))).rejects.toMatchObject({
      ...ended,
      reason: "logged-out",
    });
    await call((answer) => own.touch("sid", {}, answer));
    clock.advance(11 * 60_000);
    await expect(call((answer) => own.set("sid", {}, answer))).rejects.toMatchObject({
      ...ended,
      reason: "unknown",
    });
    expect(await call((answer) => own.get("sid", answer))).toBeNull();
  });

  it("lets somebody sign in to a session of nobody's, and nobody become another user in place", async () => {
    const clock = fakeClock();
    const store = memoryStore();
    const own = asExpressStore(store, { userId, clock: clock.now });
    await call((answer) => own.set("sid", { cart: 1 }, answer));
    await call((answer) => own.set("sid", { cart: 1, user: "ada" }, answer));
    expect(await call((answer) => own.get("sid", answer))).toEqual({ cart: 1, user: "ada" });
    clock.advance(11 * 60_000);
    await call((answer) => own.touch("sid", {}, answer));
    expect(await call((answer) => own.get("sid", answer))).toEqual({ cart: 1, user: "ada" });
    for (const user of ["bob", undefined]) {
      await expect(call((answer) => own.set("sid", { user }, answer))).rejects.toMatchObject({
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("regenerate()"),
      });
    }
    await call((answer) => own.destroy("sid", answer));
    expect(await call((answer) => own.get("sid", answer))).toBeNull();
    expect((await store.listByUser("ada", { now: clock.now(), limit: 10 })).sessions).toEqual([]);
  });

  it("a logout between the two steps of signing in wins", async () => {
    const inner = memoryStore();
    const [reached, parked] = [gate(), gate()];
    const store = new Proxy(inner, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== "delete") return typeof value === "function" ? value.bind(target) : value;
        return async (...given: Parameters<SessionStore["delete"]>) => {
          if (given[1] === "replaced") {
            reached.open();
            await parked.passed;
          }
          return inner.delete(...given);
        };
      },
    });
    const own = asExpressStore(store, { userId, storeTimeout: "10s" });
    await call((answer) => own.set("sid", {}, answer));
    const signing = call((answer) => own.set("sid", { user: "ada" }, answer));
    await reached.passed;
    await call((answer) => own.destroy("sid", answer));
    parked.open();
    await expect(signing).rejects.toMatchObject({ code: "SESSION_ENDED" });
    expect(await call((answer) => own.get("sid", answer))).toBeNull();
  });

  it("a logout before the first of these steps leaves no session of that user's", async () => {
    const clock = fakeClock();
    const inner = memoryStore();
    const [reached, parked] = [gate(), gate()];
    const store = new Proxy(inner, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== "create") return typeof value === "function" ? value.bind(target) : value;
        return async (...given: Parameters<SessionStore["create"]>) => {
          if (given[0].userId !== null) {
            reached.open();
            await parked.passed;
          }
          return inner.create(...given);
        };
      },
    });
    const own = asExpressStore(store, { userId, storeTimeout: "10s", clock: clock.now });
    await call((answer) => own.set("sid", {}, answer));
    const signing = call((answer) => own.set("sid", { user: "ada" }, answer));
    await reached.passed;
    await call((answer) => own.destroy("sid", answer));
    parked.open();
    await expect(signing).rejects.toMatchObject({ code: "SESSION_ENDED" });
    clock.advance(11 * 60_000);
    expect(await call((answer) => own.get("sid", answer))).toBeNull();
    expect((await inner.listByUser("ada", { now: clock.now(), limit: 9 })).sessions).toEqual([]);
  });

  it("ends after the absolute time, however much it is used", async () => {
    const clock = fakeClock();
    const own = asExpressStore(memoryStore(), { clock: clock.now, absoluteTimeout: "90m" });
    const rolling = () => ({ cookie: { expires: new Date(clock.now() + HOUR) } });
    await call((answer) => own.set("sid", rolling(), answer));
    clock.advance(HOUR / 2);
    await call((answer) => own.touch("sid", rolling(), answer));
    clock.advance(HOUR / 2);
    await call((answer) => own.set("sid", rolling(), answer));
    clock.advance(HOUR / 2 - 1);
    expect(await call((answer) => own.get("sid", answer))).toBeTruthy();
    clock.advance(1);
    expect(await call((answer) => own.get("sid", answer))).toBeNull();
  });

  /** The first `delete` of a session that somebody signs in to fails like that. */
  const losing = (inner: SessionStore, fault: StoreFault, isApplied: boolean): SessionStore => {
    let isLost = false;
    return new Proxy(inner, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        if (name !== "delete") return typeof value === "function" ? value.bind(target) : value;
        return async (...given: Parameters<SessionStore["delete"]>) => {
          if (isLost) return inner.delete(...given);
          isLost = true;
          if (isApplied) await inner.delete(...given);
          throw fault;
        };
      },
    });
  };

  it("signs in also when the store's answer is lost between the two steps", async () => {
    const own = asExpressStore(losing(memoryStore(), new StoreFault("ambiguous", "lost"), true), { userId });
    await call((answer) => own.set("sid", {}, answer));
    await call((answer) => own.set("sid", { user: "ada" }, answer));
    expect(await call((answer) => own.get("sid", answer))).toEqual({ user: "ada" });
  });

  it("signs in at the second try, when the first one failed between the two steps", async () => {
    const own = asExpressStore(losing(memoryStore(), new StoreFault("closed", "away"), false), { userId });
    await call((answer) => own.set("sid", {}, answer));
    await expect(call((answer) => own.set("sid", { user: "ada" }, answer))).rejects.toMatchObject({
      status: 503,
    });
    await call((answer) => own.set("sid", { user: "ada", n: 2 }, answer));
    expect(await call((answer) => own.get("sid", answer))).toEqual({ user: "ada", n: 2 });
  });

  it("two requests that sign in to one session at once both do", async () => {
    const own = asExpressStore(memoryStore(), { userId });
    await call((answer) => own.set("sid", {}, answer));
    await Promise.all([1, 2].map((n) => call((answer) => own.set("sid", { user: "ada", n }, answer))));
    expect(await call((answer) => own.get("sid", answer))).toMatchObject({ user: "ada" });
  });

  it.each([7, "", "\u001fada", "\ud800", "x".repeat(257), {}])("takes no %j for a user id", async (user) => {
    const store = memoryStore();
    const own = asExpressStore(store, { userId: (held) => held.user as string });
    await expect(call((answer) => own.set("sid", { user }, answer))).rejects.toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(await call((answer) => own.get("sid", answer))).toBeNull();
  });

  it("frees what has expired, unless told that somebody else does", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const clock = fakeClock();
    const { store, counts } = countCalls(memoryStore());
    await call((answer) => asExpressStore(store, { sweep: false }).get("sid", answer));
    expect(vi.getTimerCount()).toBe(0);
    const own = asExpressStore(store, { clock: clock.now });
    await call((answer) => own.set("sid", {}, answer));
    clock.advance(25 * HOUR);
    vi.advanceTimersByTime(75_000);
    await vi.waitUntil(() => counts.calls.sweep === 1);
    vi.useRealTimers();
  });

  it("refuses a plaintext link to another machine in production", () => {
    const store = (): SessionStore => Object.assign(memoryStore(), { plaintextTo: "db.example" });
    expect(asExpressStore(store())).toBeTruthy();
    vi.stubEnv("NODE_ENV", "production");
    expect(() => asExpressStore(store())).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION", message: expect.stringContaining("db.example") }),
    );
    vi.unstubAllEnvs();
  });

  it("hands over an outage as an error with status 503", async () => {
    const store = memoryStore();
    const own = asExpressStore(store);
    await store.close();
    for (const ask of [
      (answer: (error: unknown) => void) => own.get("sid", answer),
      (answer: (error: unknown) => void) => own.set("sid", {}, answer),
      (answer: (error: unknown) => void) => own.destroy("sid", answer),
      (answer: (error: unknown) => void) => own.clear(answer),
    ]) {
      await expect(call(ask)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE", status: 503 });
    }
  });

  it.each([
    [() => asExpressStore(undefined as never), "asExpressStore.store"],
    [() => asExpressStore(fromExpressStore({ get() {}, set() {}, destroy() {} })), "asExpressStore.store"],
    [() => asExpressStore(memoryStore(), { ttl: 1 } as never), "asExpressStore.ttl"],
    [() => asExpressStore(memoryStore(), { userId: "user" as never }), "asExpressStore.userId"],
    [() => asExpressStore(memoryStore(), { sweep: 1 as never }), "asExpressStore.sweep"],
    [() => asExpressStore(memoryStore(), { idleTimeout: "soon" as never }), "asExpressStore.idleTimeout"],
  ])("refuses at once what cannot work (%#)", (make, option) => {
    expect(make).toThrow(expect.objectContaining({ code: "INVALID_OPTION", option }));
  });
});
