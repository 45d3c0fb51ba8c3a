import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { encrypted, newKey } from "./codecs/encrypted.ts";
import { taggedJson } from "./codecs/tagged-json.ts";
import { exchangesOf } from "./core/exchange.ts";
import type { SessionOptions } from "./core/manager-types.ts";
import { createSessions } from "./create-sessions.ts";
import { InvalidArgumentError, InvalidOptionError, NoSessionError, SessionSkippedError } from "./errors.ts";
import { memoryStore } from "./stores/memory.ts";
import { TEST_ORIGIN, TestBrowser } from "./testing/browser.ts";
import { fakeClock } from "./testing/clock.ts";

const BASE = { origin: TEST_ORIGIN, mode: "development" } as const;
const POST = { method: "POST" } as const;

describe("a schema", () => {
  const schemas = {
    zod: z.object({ cart: z.array(z.string()).default([]), theme: z.enum(["light", "dark"]).optional() }),
    valibot: v.object({
      cart: v.optional(v.array(v.string()), []),
      theme: v.optional(v.picklist(["light", "dark"])),
    }),
    arktype: type({ cart: type("string[]").default(() => []), "theme?": "'light' | 'dark'" }),
  };

  it.each(Object.keys(schemas) as (keyof typeof schemas)[])(
    "of %s gives defaults, checks what is stored, and types it",
    async (library) => {
      const sessions = createSessions({
        ...BASE,
        store: memoryStore(),
        schema: schemas[library] as typeof schemas.zod,
      });
      const tab = new TestBrowser(sessions);
      expect((await tab.visit((session) => session.get("cart"))).value).toEqual([]);
      await tab.visit((session) => session.update("cart", (cart) => [...(cart as string[]), "tea"]), POST);
      expect((await tab.visit((session) => [session.get("cart"), session.has("theme")])).value).toEqual([
        ["tea"],
        false,
      ]);
      const wrong = await tab.visit((session) => session.set("theme", "pink"), POST);
      expect(wrong.error?.code).toBe("INVALID_DATA");
      expect((await tab.visit((session) => session.has("theme"))).value).toBe(false);
      await tab.visit((session) => session.delete("cart"), POST);
      expect((await tab.visit((session) => session.get("cart"))).value).toEqual([]);
      const login = (theme: string) =>
        tab.visit((session) => session.login("ada", { data: { theme } }), POST);
      expect((await login("pink")).error?.code).toBe("INVALID_DATA");
      expect((await tab.visit((session) => session.userId)).value).toBeNull();
      await login("dark");
      expect((await tab.visit((session) => [session.get("cart"), session.get("theme")])).value).toEqual([
        [],
        "dark",
      ]);
    },
  );

  it("with a key that is neither optional nor defaulted is refused at start", () => {
    const schema = z.object({ cart: z.array(z.string()) });
    // @ts-expect-error every key must be optional or have a default
    expect(() => createSessions({ ...BASE, store: memoryStore(), schema })).toThrow(InvalidOptionError);
  });

  it("that validates asynchronously, or does not take its own output, is refused at start", () => {
    const asynchronous = z.object({ a: z.string().optional() }).refine(async () => true);
    expect(() => createSessions({ ...BASE, store: memoryStore(), schema: asynchronous })).toThrow(
      /synchronous|async/i,
    );
    const changing = z.object({ a: z.string().default("1").transform(Number) });
    // @ts-expect-error output does not fit input
    expect(() => createSessions({ ...BASE, store: memoryStore(), schema: changing })).toThrow(
      InvalidOptionError,
    );
  });

  it("keeps the keys that a newer version of the application stored", async () => {
    const store = memoryStore();
    const newer = createSessions({
      ...BASE,
      store,
      schema: z.object({ a: z.number().default(0), b: z.number().default(0) }),
    });
    const older = createSessions({ ...BASE, store, schema: z.object({ a: z.number().default(0) }) });
    const tab = new TestBrowser(newer);
    await tab.visit((session) => session.set("b", 2), POST);
    await tab.copy(older).visit((session) => session.set("a", 1), POST);
    expect((await tab.visit((session) => [session.get("a"), session.get("b")])).value).toEqual([1, 2]);
  });
});

describe("data", () => {
  it("starts from initial, and a deleted key falls back to it", async () => {
    const sessions = createSessions({
      ...BASE,
      store: memoryStore(),
      initial: () => ({ visits: 1, name: undefined as string | undefined }),
    });
    const tab = new TestBrowser(sessions);
    await tab.visit((session) => session.set("visits", 5), POST);
    expect((await tab.visit((session) => session.get("visits"))).value).toBe(5);
    await tab.visit((session) => session.delete("visits"), POST);
    expect((await tab.visit((session) => session.get("visits"))).value).toBe(1);
  });

  it("keeps dates, maps, sets, bigints, URLs and bytes, and hands out copies", async () => {
    const value = {
      at: new Date(5),
      map: new Map([[1, new Set(["a"])]]),
      big: 2n ** 80n,
      url: new URL("https://a.example/b?c"),
      bytes: new Uint8Array([0, 255]),
    };
    const tab = new TestBrowser(createSessions({ ...BASE, store: memoryStore() }));
    await tab.visit((session) => session.set("rich", value), POST);
    const read = await tab.visit((session) => {
      (session.get("rich") as { at: Date }).at.setTime(0);
      return session.get("rich");
    });
    expect(read.value).toEqual(value);
  });

  it("refuses at once, with the path, what cannot be stored, and keeps what was there", async () => {
    const tab = new TestBrowser(createSessions({ ...BASE, store: memoryStore() }));
    await tab.visit((session) => session.set("cart", "old"), POST);
    const refusals: unknown[] = [];
    await tab.visit((session) => {
      for (const value of [{ a: [() => {}] }, Symbol("x"), new (class Cart {})()]) {
        try {
          session.set("cart", value);
        } catch (error) {
          refusals.push((error as { path: string }).path);
        }
      }
      expect(() => session.set("__proto__", 1)).toThrow(/__proto__/);
      expect(() => session.set("", 1)).toThrow();
    }, POST);
    expect(refusals).toEqual(["cart.a[0]", "cart", "cart"]);
    expect((await tab.visit((session) => session.get("cart"))).value).toBe("old");
  });

  it("above 64 KiB is refused with 413, and what was there stays", async () => {
    const tab = new TestBrowser(createSessions({ ...BASE, store: memoryStore() }));
    await tab.visit((session) => session.set("text", "small"), POST);
    const large = await tab.visit((session) => session.set("text", "x".repeat(70_000)), POST);
    expect([large.status, large.error?.code]).toEqual([413, "DATA_TOO_LARGE"]);
    expect((await tab.visit((session) => session.get("text"))).value).toBe("small");
  });

  it("that cannot be read becomes a fresh session and an event, and is written over by nobody", async () => {
    const store = memoryStore();
    const sessions = createSessions({ ...BASE, store });
    const tab = new TestBrowser(sessions);
    await tab.visit((session) => session.login("ada"), POST);
    const id = (await tab.visit((session) => session.id)).value ?? "";
    const now = Date.now();
    const record = await store.load(id, { now });
    if (!record || "ended" in record) throw new Error("not stored");
    const told = vi.spyOn(console, "info").mockImplementation(() => {});
    for (const [reason, payload] of [
      ["damaged", []],
      ["damaged", [1]],
      ["damaged", [1, 0x7b]],
      ["codec", [200, 0x7b, 0x7d]],
      ["damaged", [...Buffer.from('\u0001[{"__proto__":1}]')]],
    ] as const) {
      const current = await store.load(id, { now });
      if (!current || "ended" in current) throw new Error("gone");
      await store.save(
        { ...record, version: `v${payload.length}`.padEnd(16, "A"), payload: Uint8Array.from(payload) },
        current.version,
        { now },
      );
      const undecodable = vi.fn();
      const off = sessions.on("undecodable", undecodable);
      const seen = await tab.visit(async (session, request) => [
        session.userId,
        session.isNew,
        (await sessions.explain(request)).code,
      ]);
      off();
      expect([seen.status, seen.value, seen.setCookies]).toEqual([200, [null, true, "undecodable"], []]);
      expect(undecodable.mock.calls.map(([detail]) => detail)).toEqual([{ id, reason }]);
    }
    expect(told).toHaveBeenCalledTimes(5);
    told.mockRestore();
  });
});

describe("a manager", () => {
  it("does no I/O, starts no timer and draws no randomness before the first request", () => {
    const store = memoryStore();
    const open = vi.spyOn(store, "open");
    const random = vi.fn(() => new Uint8Array(32));
    const timer = vi.spyOn(globalThis, "setTimeout");
    createSessions({ ...BASE, store, random });
    expect([open.mock.calls.length, random.mock.calls.length, timer.mock.calls.length]).toEqual([0, 0, 0]);
    timer.mockRestore();
  });

  it("tells requests of no adapter and skipped ones apart", async () => {
    const sessions = createSessions({ ...BASE, store: memoryStore() });
    const request = {};
    expect(() => sessions.of(request)).toThrow(NoSessionError);
    expect((await sessions.explain(request)).code).toBe("no-adapter");
    exchangesOf(sessions).skip(request);
    expect(() => sessions.of(request)).toThrow(SessionSkippedError);
    await expect(sessions.open(request)).rejects.toThrow(SessionSkippedError);
    await expect(sessions.peek(request)).rejects.toThrow(SessionSkippedError);
    expect((await sessions.explain(request)).code).toBe("skipped");
  });

  it("describes the settings in force", () => {
    const sessions = createSessions({
      ...BASE,
      store: memoryStore(),
      idleTimeout: "10m",
      csrf: { token: "always" },
    });
    expect(sessions.describe()).toMatchObject({
      mode: "development",
      lifetimes: { signedIn: { idleMs: 600_000, absoluteMs: 43_200_000 } },
      csrf: { token: "always" },
      store: { name: "memory", cas: true },
    });
  });

  it("describes which codecs write and read, and the version, and no key", () => {
    const key = newKey();
    const sealed = encrypted(taggedJson, [key, newKey()]);
    const describeWith = (options: object) =>
      createSessions({ ...BASE, store: memoryStore(), ...options }).describe();
    expect(describeWith({})).toMatchObject({
      codec: { writes: "tagged-json", reads: ["tagged-json"], sealed: false },
      version: 1,
    });
    const described = describeWith({ codec: [sealed, taggedJson], version: 3 });
    expect(described).toMatchObject({
      codec: {
        writes: "encrypted tagged-json",
        reads: ["encrypted tagged-json", "tagged-json"],
        sealed: true,
      },
      version: 3,
    });
    expect(JSON.stringify(described)).not.toContain(key.slice(9));
  });

  it("says at start, and at ready(), that unsealed rows are believed beside sealed ones", async () => {
    const sealed = encrypted(taggedJson, newKey());
    const warningsOf = (codec: SessionOptions<Record<string, unknown>>["codec"]) =>
      createSessions({ ...BASE, store: memoryStore(), ...(codec && { codec }) }).ready();
    expect(await warningsOf([sealed, taggedJson])).toEqual([expect.stringContaining("plain tagged-json")]);
    for (const codec of [undefined, sealed, [taggedJson, sealed]] as const)
      expect(await warningsOf(codec)).toEqual([]);
  });

  it("says at start, and at ready(), what is weak in production", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const weak = createSessions({
      store: memoryStore(),
      mode: "production",
      accept: ["durable", "csrf.reportOnly"],
      cookie: { domain: "shop.example", sameSite: "none" },
      csrf: { reportOnly: true },
    });
    expect((await weak.ready()).join("\n")).toMatch(
      /origin[\s\S]*cookie\.domain[\s\S]*sameSite[\s\S]*reportOnly/,
    );
    expect(warned.mock.calls.map(([warning]) => warning)).toEqual(await weak.ready());
    warned.mockRestore();
  });

  it("refuses to listen to what is no event, and with what is no function", () => {
    const sessions = createSessions({ ...BASE, store: memoryStore() });
    expect(() => Reflect.apply(sessions.on, sessions, ["creatd", () => {}])).toThrow(InvalidArgumentError);
    expect(() => Reflect.apply(sessions.on, sessions, ["created", undefined])).toThrow(InvalidArgumentError);
  });

  it("keeps a listener's failure away from requests", async () => {
    const sessions = createSessions({ ...BASE, store: memoryStore() });
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    sessions.on("created", () => {
      throw new Error("listener");
    });
    const visited = await new TestBrowser(sessions).visit((session) => session.login("ada"), POST);
    expect(visited.status).toBe(200);
    expect(warned).toHaveBeenCalledOnce();
    warned.mockRestore();
  });

  it("names in development the keys that a login left behind", async () => {
    const told = vi.spyOn(console, "info").mockImplementation(() => {});
    const sessions = createSessions({
      ...BASE,
      store: memoryStore(),
      initial: () => ({ cart: "", draft: "", theme: "light" }),
      keepOnLogin: ["cart"],
    });
    const tab = new TestBrowser(sessions);
    await tab.visit((session) => {
      session.set("cart", "tea");
      session.set("draft", "text");
    }, POST);
    await tab.visit((session) => session.login("ada"), POST);
    expect(told.mock.calls.flat().join()).toMatch(/draft/);
    expect(told.mock.calls.flat().join()).not.toMatch(/cart|theme/);
    told.mockRestore();
  });

  it("refuses tickets of other users, of other makers, and old ones", async () => {
    const clock = fakeClock();
    const sessions = createSessions({ ...BASE, store: memoryStore(), clock: clock.now });
    const login = (userId: string, ticket: { userId: string }) =>
      new TestBrowser(sessions).visit((session) => session.login(userId, { ticket }), POST);
    const ticket = await sessions.beginLogin("ada");
    expect((await login("bob", ticket)).error?.code).toBe("INVALID_ARGUMENT");
    expect((await login("ada", { userId: "ada" })).error?.code).toBe("INVALID_ARGUMENT");
    expect((await login("ada", ticket)).status).toBe(200);
    clock.advance(10 * 60_000 + 1);
    expect((await login("ada", ticket)).error?.code).toBe("SESSION_ENDED");
  });

  it.each(["", "x".repeat(257), "\ud800", 5, null, undefined])("refuses the user id %j", async (userId) => {
    const sessions = createSessions({ ...BASE, store: memoryStore() });
    const visited = await new TestBrowser(sessions).visit((session) => session.login(userId as string), POST);
    expect(visited.error?.code).toBe("INVALID_ARGUMENT");
  });

  it("refuses writes after the headers left, loudly, and still answers reads", async () => {
    const sessions = createSessions({ ...BASE, store: memoryStore() });
    let late: unknown;
    const tab = new TestBrowser(sessions);
    const exchange = exchangesOf(sessions);
    await tab.visit((session) => {
      late = session;
    });
    expect(exchange.mode).toBe("development");
    expect(() => (late as { set(key: string, value: number): void }).set("x", 1)).toThrow(/headers/);
    await expect((late as { login(id: string): Promise<void> }).login("ada")).rejects.toThrow(/headers/);
    expect((late as { get(key: string): unknown }).get("x")).toBeUndefined();
  });
});
