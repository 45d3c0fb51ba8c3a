/** Promise 3: an outage is an error, never a logout. Every kind of fault at every operation a request makes. */
import assert from "node:assert/strict";
import type { TestBrowser } from "../browser.ts";
import type { FaultKind, StoreOperation } from "../fault-script.ts";
import type { Case } from "./case.ts";
import type { World } from "./world.ts";

const KINDS: readonly FaultKind[] = ["lost", "ambiguous", "late", "hang"];
/** Few tries until it is given up. */
const QUICK = { storeTimeout: "50ms" } as const;

const count = (value: unknown): number => (typeof value === "number" ? value : 0);
const increment = (tab: TestBrowser) =>
  tab.visit((session) => session.update("count", (value) => count(value) + 1), { method: "POST" });

async function signedIn({ browser }: World): Promise<TestBrowser> {
  const tab = browser();
  await tab.visit(
    async (session) => {
      await session.login("ada");
      session.set("count", 0);
    },
    { method: "POST" },
  );
  return tab;
}

/** The next call of `operation` meets the fault; whatever was held back is applied before `after` looks. */
async function under<T>(
  world: World,
  operation: StoreOperation,
  kind: FaultKind,
  act: () => Promise<T>,
): Promise<T> {
  const fault = world.faults.next(operation, kind);
  const result = await act();
  await fault.release();
  world.faults.clear();
  return result;
}

export const faults: readonly Case[] = KINDS.flatMap((kind): readonly Case[] => [
  {
    name: `a load that is ${kind}: 503 for who asks for the session, 200 for who does not, no cookie touched, and back afterwards`,
    options: QUICK,
    async run(world) {
      const tab = await signedIn(world);
      const asked = await under(world, "load", kind, () => tab.visit((session) => session.userId));
      assert.deepEqual([asked.status, asked.error?.code, asked.setCookies], [503, "STORE_UNAVAILABLE", []]);
      const other = await under(world, "load", kind, () => tab.visit(() => "static"));
      assert.deepEqual([other.status, other.setCookies], [200, []]);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: `a save that is ${kind}: an increment answered 200 counts once, one answered 503 at most once`,
    options: QUICK,
    async run(world) {
      const tab = await signedIn(world);
      const first = await under(world, "save", kind, () => increment(tab));
      const seen = count((await tab.visit((session) => session.get("count"))).value);
      assert.ok(
        first.status === 200 ? seen === 1 : first.status === 503 && seen <= 1,
        `${first.status}, counted ${seen}`,
      );
      assert.deepEqual(first.setCookies, []);
      const second = await increment(tab);
      assert.equal(second.status, 200);
      assert.equal((await tab.visit((session) => session.get("count"))).value, seen + 1);
    },
  },
  {
    name: `a create that is ${kind} during login: signed in with 200, or 503 and still the visitor with the cart`,
    options: { ...QUICK, keepOnLogin: ["cart"] },
    async run(world) {
      const tab = world.browser();
      await tab.visit((session) => session.set("cart", ["tea"]), { method: "POST" });
      const login = await under(world, "create", kind, () =>
        tab.visit((session) => session.login("ada"), { method: "POST" }),
      );
      const { value } = await tab.visit((session) => [session.userId, session.get("cart")]);
      assert.deepEqual(value, [login.status === 200 ? "ada" : null, ["tea"]]);
      assert.ok(login.status === 200 || login.status === 503);
      const again = await tab.visit((session) => session.login("ada"), { method: "POST" });
      assert.equal(again.status, 200);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: `a delete that is ${kind} during logout: out for good with 200, or 503 with the cookie left alone`,
    needs: ["noRevival"],
    options: QUICK,
    async run(world) {
      const tab = await signedIn(world);
      const thief = tab.copy();
      const out = await under(world, "delete", kind, () =>
        tab.visit((session) => session.logout(), { method: "POST" }),
      );
      if (out.status === 200) assert.equal((await thief.visit((session) => session.userId)).value, null);
      else assert.deepEqual([out.status, out.setCookies], [503, []]);
      await thief.visit((session) => session.logout(), { method: "POST" });
      assert.equal((await thief.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: `a touch that is ${kind} fails no request and ends no session`,
    options: QUICK,
    async run(world) {
      const tab = await signedIn(world);
      world.clock.advance(5 * 60_000);
      const read = await under(world, "touch", kind, () => tab.visit((session) => session.userId));
      assert.deepEqual([read.status, read.value], [200, "ada"]);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: `a first or second save that is ${kind} during renewal logs nobody out`,
    options: QUICK,
    async run(world) {
      for (const spared of [0, 1]) {
        const tab = await signedIn(world);
        const parked = spared ? world.faults.park("save") : null;
        const fault = world.faults.next("save", kind);
        const renewing = tab.visit((session) => session.renew(), { method: "POST" });
        await parked?.release();
        const { status } = await renewing;
        await fault.release();
        world.faults.clear();
        assert.ok(status === 200 || status === 503, String(status));
        assert.equal((await tab.visit((session) => session.userId)).value, "ada");
        assert.equal((await increment(tab)).status, 200);
      }
    },
  },
  {
    name: `a save that is ${kind} while a secret is rotated fails no reading request and logs nobody out`,
    options: QUICK,
    async run(world) {
      const tab = await signedIn(world);
      world.clock.advance(16 * 60_000);
      for (let step = 0; step < 3; step++) {
        const read = await under(world, "save", kind, () => tab.visit((session) => session.userId));
        assert.deepEqual([read.status, read.value], [200, "ada"]);
      }
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
    },
  },
]);

export const outages: readonly Case[] = [
  {
    name: "while the store is down every write is answered 503, visitors are served, and afterwards nothing is missing",
    options: QUICK,
    async run(world) {
      const tab = await signedIn(world);
      await increment(tab);
      const restore = world.faults.outage();
      const acts = [
        () => increment(tab),
        () => tab.visit((session) => session.logout(), { method: "POST" }),
        () => tab.visit((session) => session.renew(), { method: "POST" }),
        () => tab.visit((session) => session.login("ada"), { method: "POST" }),
        () => tab.visit((session) => session.get("count")),
      ];
      for (const act of acts) {
        const { status, setCookies } = await act();
        assert.deepEqual([status, setCookies], [503, []]);
      }
      assert.equal((await world.browser().visit((session) => session.userId)).status, 200);
      assert.equal(
        (await world.browser().visit((session) => session.set("x", 1), { method: "POST" })).status,
        503,
      );
      assert.deepEqual(await world.sessions.health(), { ok: false });
      await assert.rejects(world.sessions.revokeAll("ada"), { code: "STORE_UNAVAILABLE" });
      restore();
      assert.deepEqual((await tab.visit((session) => [session.userId, session.get("count")])).value, [
        "ada",
        1,
      ]);
      assert.deepEqual(await world.sessions.health(), { ok: true });
    },
  },
  {
    name: "a store that cannot be opened fails requests with 503, and is tried again",
    options: QUICK,
    async run(world) {
      const opening = world.faults.next("open", "lost");
      const tab = world.browser();
      world.faults.next("open", "lost");
      const first = await tab.visit((session) => session.set("x", 1), { method: "POST" });
      assert.ok(first.status === 503 || first.status === 200);
      await opening.release();
      world.faults.clear();
      assert.equal((await tab.visit((session) => session.set("x", 1), { method: "POST" })).status, 200);
    },
  },
];
