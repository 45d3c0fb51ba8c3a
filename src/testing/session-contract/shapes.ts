/** Two versions of an application on one store: nobody is logged out, and nothing the other one wrote is lost. */
import assert from "node:assert/strict";
import type { SessionOptions } from "../../core/manager-types.ts";
import { gate, type TestBrowser } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE, type Values, type World } from "./world.ts";

const POST = { method: "POST" } as const;

/** The second version greets by name. `calls` are the versions it was asked to migrate from. */
function second(): { readonly options: Partial<SessionOptions<Values>>; readonly calls: number[] } {
  const calls: number[] = [];
  return {
    calls,
    options: {
      version: 2,
      migrate(old, version) {
        calls.push(version);
        return { ...old, greeting: `Hello ${String(old.name)}` };
      },
    },
  };
}

async function signedIn(world: World): Promise<TestBrowser> {
  const tab = world.browser();
  await tab.visit(async (session) => {
    await session.login("ada");
    session.set("name", "Ada");
  }, POST);
  return tab;
}

async function storedBytes({ store, clock }: World, tab: TestBrowser): Promise<Uint8Array> {
  const { value: id = "" } = await tab.visit((session) => session.id);
  const record = await store.load(id, { now: clock.now() });
  assert.ok(record && !("ended" in record));
  return Uint8Array.from(record.payload);
}

const greeting = (tab: TestBrowser) => tab.visit((session) => [session.userId, session.get("greeting")]);

export const shapes: readonly Case[] = [
  {
    name: "data of an older version is migrated for its reader, stays stored as it is, and is upgraded by the next write",
    async run(world) {
      const old = await signedIn(world);
      const before = await storedBytes(world, old);
      const { options, calls } = second();
      const tab = old.copy(world.another(options));
      for (let read = 0; read < 2; read++)
        assert.deepEqual((await greeting(tab)).value, ["ada", "Hello Ada"]);
      world.clock.advance(5 * MINUTE); // a touch is due, and leaves the data alone
      await greeting(tab);
      assert.deepEqual([await storedBytes(world, old), calls], [before, [1, 1, 1]]);
      await tab.visit((session) => session.set("theme", "dark"), POST);
      assert.notDeepEqual(await storedBytes(world, old), before);
      calls.length = 0;
      assert.deepEqual((await greeting(tab)).value, ["ada", "Hello Ada"]);
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "while both versions run, each reads the other's rows, and keeps what it does not know and the newer version",
    async run(world) {
      const old = await signedIn(world);
      const { options, calls } = second();
      const tab = old.copy(world.another(options));
      await tab.visit((session) => session.set("greeting", "Good day"), POST);
      calls.length = 0;
      await old.visit((session) => session.set("name", "Grace"), POST);
      await tab.visit((session) => session.update("visits", (value) => Number(value ?? 0) + 1), POST);
      await old.visit((session) => session.update("visits", (value) => Number(value ?? 0) + 1), POST);
      for (const each of [old, tab]) {
        const { value } = await each.visit((session) => [
          session.userId,
          session.get("name"),
          session.get("greeting"),
          session.get("visits"),
        ]);
        assert.deepEqual(value, ["ada", "Grace", "Good day", 2]);
      }
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "a conflict between the two versions loses neither's write, whichever comes first",
    needs: ["cas"],
    async run(world) {
      for (const isNewerLate of [false, true]) {
        const old = await signedIn(world);
        const { options, calls } = second();
        const tab = old.copy(world.another(options));
        const [late, early] = isNewerLate ? [tab, old] : [old, tab];
        const [loaded, parked] = [gate(), gate()];
        const slow = late.visit(async (session) => {
          session.get("name");
          loaded.open();
          await parked.passed;
          session.set("late", true);
        }, POST);
        await loaded.passed;
        assert.equal((await early.visit((session) => session.set("early", true), POST)).status, 200);
        parked.open();
        assert.equal((await slow).status, 200);
        calls.length = 0;
        const { value } = await tab.visit((session) => [
          session.get("early"),
          session.get("late"),
          session.get("greeting"),
        ]);
        assert.deepEqual([value, calls], [[true, true, "Hello Ada"], []]);
      }
    },
  },
  {
    name: "a rotation takes old data along into the new version",
    async run(world) {
      const old = await signedIn(world);
      const { options, calls } = second();
      const tab = old.copy(world.another(options));
      world.clock.advance(16 * MINUTE);
      await greeting(tab);
      calls.length = 0;
      assert.deepEqual((await greeting(tab)).value, ["ada", "Hello Ada"]);
      assert.deepEqual(calls, []);
    },
  },
  {
    name: "data that migrate cannot read is a fresh session and an event, and the row stays for the version that can",
    async run(world) {
      const old = await signedIn(world);
      const before = await storedBytes(world, old);
      const { value: id } = await old.visit((session) => session.id);
      const failing = [
        () => {
          throw new TypeError("no name");
        },
        () => Promise.reject(new Error("too late")),
        () => null as unknown as object,
        () => [],
        () => ({ greet: () => "hello" }),
        (data: Readonly<Values>) => Object.assign(data, { greeting: "in place" }),
      ];
      for (const migrate of failing) {
        const newer = world.another({ version: 2, migrate });
        const events: unknown[] = [];
        newer.on("undecodable", (detail) => events.push(detail));
        const seen = await old.copy(newer).visit((session) => [session.userId, session.keys()]);
        assert.deepEqual([seen.status, seen.value, seen.setCookies], [200, [null, []], []]);
        assert.deepEqual(events, [{ id, reason: "migrate" }]);
      }
      assert.deepEqual(await storedBytes(world, old), before);
      assert.equal((await old.visit((session) => session.get("name"))).value, "Ada");
    },
  },
  {
    name: "a login carries what a visitor of either version had over in the version it was shaped by",
    options: { keepOnLogin: ["name", "greeting"] },
    async run(world) {
      for (const isNewerVisitor of [false, true]) {
        const { options, calls } = second();
        const newer = world.another(options);
        const old = world.browser();
        const tab = (from: TestBrowser): TestBrowser => from.copy(newer);
        const visitor = isNewerVisitor ? tab(old) : old;
        await visitor.visit((session) => {
          session.set("name", "Ada");
          if (isNewerVisitor) session.set("greeting", "Good day");
        }, POST);
        const login = isNewerVisitor ? visitor.copy(world.sessions) : visitor.copy(newer);
        await login.visit((session) => session.login("ada"), POST);
        calls.length = 0;
        const { value } = await greeting(tab(login));
        assert.deepEqual([value, calls], [["ada", isNewerVisitor ? "Good day" : "Hello Ada"], []]);
      }
    },
  },
  {
    name: "a login that was begun with data of another version begins again; without data it is completed",
    async run(world) {
      const newer = world.another(second().options);
      for (const data of [{ name: "Ada" }, undefined]) {
        const old = world.browser();
        await old.visit((session) => session.beginSecondFactor("ada", data && { data }), POST);
        const waiting = async (tab: TestBrowser) =>
          (await tab.visit(async (session) => (await session.pendingLogin())?.userId)).value;
        assert.deepEqual(
          [await waiting(old), await waiting(old.copy(newer))],
          ["ada", data ? undefined : "ada"],
        );
      }
    },
  },
  {
    name: "an older version that clears all data leaves data of its own version behind",
    async run(world) {
      const old = await signedIn(world);
      const { options, calls } = second();
      const tab = old.copy(world.another(options));
      await tab.visit((session) => session.set("theme", "dark"), POST);
      calls.length = 0;
      await old.visit((session) => {
        session.clear();
        session.set("name", "Grace");
      }, POST);
      assert.deepEqual((await greeting(tab)).value, ["ada", "Hello Grace"]);
      assert.deepEqual(calls, [1]);
    },
  },
  {
    name: "a conflict with a row that cannot be read here is an ended session for who writes, and nothing for who reads",
    needs: ["cas"],
    async run(world) {
      const refusing: Partial<SessionOptions<Values>> = {
        version: 3,
        migrate(old, version) {
          if (version === 2) throw new Error("never heard of it");
          return old;
        },
      };
      for (const act of ["write", "renew", "login", "read"] as const) {
        const old = await signedIn(world);
        const tab = old.copy(world.another(refusing));
        if (act === "read") world.clock.advance(16 * MINUTE); // its rotation conflicts
        const [loaded, parked] = [gate(), gate()];
        const slow = tab.visit(async (session) => {
          session.get("name");
          loaded.open();
          await parked.passed;
          if (act === "write") session.set("late", true);
          if (act === "renew") await session.renew();
          if (act === "login") await session.login("ada");
        }, POST);
        await loaded.passed;
        await old.copy(world.another({ version: 2 })).visit((session) => session.set("x", 1), POST);
        parked.open();
        const { status, error } = await slow;
        const isRefused = act === "write" || act === "renew";
        assert.deepEqual(
          [act, status, error?.code],
          [act, isRefused ? 401 : 200, isRefused ? "SESSION_ENDED" : undefined],
        );
        if (act === "login") assert.equal((await tab.visit((session) => session.userId)).value, "ada");
      }
    },
  },
  {
    name: "who knows only the id of a session makes nobody read its data, and raises no alarm",
    async run(world) {
      const [old, other] = [await signedIn(world), await signedIn(world)];
      const asked: number[] = [];
      const newer = world.another({
        version: 2,
        migrate(_, version) {
          asked.push(version);
          throw new Error("unreadable");
        },
      });
      const alarms: unknown[] = [];
      newer.on("undecodable", (detail) => void alarms.push(detail));
      const [token = Buffer.alloc(0), secret = Buffer.alloc(0)] = [old, other].map(({ jar }) =>
        Buffer.from([...jar.values()].join(""), "base64url"),
      );
      const guess = old.copy(newer);
      const [name = ""] = guess.jar.keys();
      guess.jar.set(name, Buffer.concat([token.subarray(0, 16), secret.subarray(16)]).toString("base64url"));
      const seen = await guess.visit(async (session, request) => [
        session.userId,
        (await newer.explain(request)).code,
      ]);
      assert.deepEqual([seen.value, asked, alarms], [[null, "unknown"], [], []]);
      await old.copy(newer).visit((session) => session.userId);
      assert.deepEqual([asked, alarms.length], [[1], 1]);
    },
  },
];
