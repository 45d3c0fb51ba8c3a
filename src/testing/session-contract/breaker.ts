/** A store that is down costs no request its deadline, and is found again when it is back. */
import assert from "node:assert/strict";
import type { Case } from "./case.ts";
import type { World } from "./world.ts";

const POST = { method: "POST" } as const;
const ID = "A".repeat(22);
const DEADLINE_MS = 50;
const OPTIONS = { storeTimeout: DEADLINE_MS, breaker: { failures: 3, pause: 1000 } } as const;

/** Takes the store away until nobody asks it any more; what is returned brings it back. */
async function takenAway({ sessions, faults, time }: World): Promise<() => void> {
  const told: number[] = [];
  const silence = sessions.on("storeDown", ({ failures }) => told.push(failures));
  const restore = faults.outage();
  for (let call = 0; call < 2; call++) {
    await assert.rejects(sessions.revoke("nobody", ID), { kind: "unavailable" });
    time.pass(DEADLINE_MS);
  }
  await assert.rejects(sessions.revoke("nobody", ID), { kind: "unavailable" });
  silence();
  assert.deepEqual(told, [3]);
  return restore;
}

export const breaker: readonly Case[] = [
  {
    name: "breaker: a store that is down is not asked: 503 with the time to come back, no cookie, and visitors are served",
    options: OPTIONS,
    async run(world) {
      const tab = world.browser();
      await tab.visit((session) => session.login("ada"), POST);
      const asked: string[] = [];
      const restore = await takenAway(world);
      world.sessions.on("storeCall", ({ operation }) => asked.push(operation));
      for (const act of [
        () => tab.visit((session) => session.userId),
        () => tab.visit((session) => session.set("x", 1), POST),
        () => tab.visit((session) => session.logout(), POST),
        () => world.browser().visit((session) => session.login("ada"), POST),
      ]) {
        const { status, error, setCookies } = await act();
        assert.deepEqual([status, error?.code, setCookies], [503, "STORE_UNAVAILABLE", []]);
        assert.equal(error?.headers["retry-after"], "1");
      }
      for (const act of [
        () => world.sessions.revokeAll("ada"),
        () => world.sessions.erase("ada"),
        () => world.sessions.revokeEveryone(),
      ])
        await assert.rejects(act(), { kind: "refused" });
      assert.equal((await world.browser().visit((session) => session.userId)).status, 200);
      assert.equal((await tab.visit(() => "static")).status, 200);
      assert.deepEqual(asked, []);
      restore();
    },
  },
  {
    name: "breaker: after the pause one call tries, and if that is answered everything is there",
    options: OPTIONS,
    async run(world) {
      const { sessions, time, faults } = world;
      const tab = world.browser();
      await tab.visit(async (session) => {
        await session.login("ada");
        session.set("cart", ["tea"]);
      }, POST);
      const restore = await takenAway(world);
      const back: string[] = [];
      sessions.on("storeUp", ({ store }) => back.push(store));
      time.pass(1000);
      const asked: string[] = [];
      sessions.on("storeCall", ({ operation }) => asked.push(operation));
      const visits = await Promise.all([1, 2, 3].map(() => tab.copy().visit((session) => session.userId)));
      assert.deepEqual([visits.map(({ status }) => status), asked], [[503, 503, 503], ["load"]]);
      restore();
      time.pass(1000); // the pause is two seconds now, less up to a half
      faults.next("load", "lost");
      time.pass(1000);
      assert.equal((await tab.visit((session) => session.userId)).status, 503);
      time.pass(4000);
      const { value } = await tab.visit((session) => [session.userId, session.get("cart")]);
      assert.deepEqual(value, ["ada", ["tea"]]);
      assert.equal(back.length, 1);
    },
  },
  {
    name: "breaker: a health check asks the store whatever came before",
    options: OPTIONS,
    async run(world) {
      const restore = await takenAway(world);
      assert.deepEqual(await world.sessions.health(), { ok: false });
      restore();
      assert.deepEqual(await world.sessions.health(), { ok: true });
      await assert.rejects(world.sessions.revoke("nobody", ID), { kind: "refused" });
    },
  },
];
