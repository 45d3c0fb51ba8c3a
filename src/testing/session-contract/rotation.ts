/** Rotation and renewal: new secrets that log nobody out, and old ones that are good for nothing. */
import assert from "node:assert/strict";
import type { SessionEvents } from "../../core/event-types.ts";
import { gate } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE, type World } from "./world.ts";

async function signedInAt(world: World, ageMs: number) {
  const tab = world.browser();
  await tab.visit((session) => session.login("ada"), { method: "POST" });
  world.clock.advance(ageMs);
  return tab;
}

export const rotation: readonly Case[] = [
  {
    name: "20 requests at the moment of rotation, their answers lost or late in any order, log nobody out",
    needs: ["cas"],
    async run(world) {
      const tab = await signedInAt(world, 16 * MINUTE);
      const late = await Promise.all(
        Array.from({ length: 20 }, () => tab.copy().visitLater((session) => session.userId)),
      );
      const offers = new Set(late.flatMap((visited) => visited.setCookies.map((line) => line.split(";")[0])));
      assert.equal(offers.size, 1);
      assert.equal((await tab.visit((session) => session.userId, { lose: true })).value, "ada");
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
      world.clock.advance(MINUTE);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: "a rotation costs two saves in fifteen minutes, and repeats its offer without one",
    async run(world) {
      const tab = await signedInAt(world, 16 * MINUTE);
      world.counts.reset();
      for (let time = 0; time < 3; time++) await tab.visit((session) => session.userId, { lose: true });
      await tab.visit((session) => session.userId);
      for (let time = 0; time < 3; time++) await tab.visit((session) => session.userId);
      assert.deepEqual(world.counts.calls, { load: 7, save: 2 });
    },
  },
  {
    name: "the old secret is served for 30 seconds after the new one was shown, then refused",
    async run(world) {
      const tab = await signedInAt(world, 16 * MINUTE);
      const old = tab.copy();
      await tab.visit((session) => session.userId);
      await tab.visit((session) => session.userId);
      world.clock.advance(30_000);
      const within = await old.visit((session) => session.set("late", true), { method: "POST" });
      assert.deepEqual([within.status, within.setCookies], [200, []]);
      world.clock.advance(11_000);
      assert.equal((await old.visit((session) => session.userId)).value, null);
      assert.deepEqual((await tab.visit((session) => [session.userId, session.get("late")])).value, [
        "ada",
        true,
      ]);
    },
  },
  {
    name: "a slow request that began before a rotation still writes, however long it took",
    needs: ["cas"],
    async run(world) {
      const tab = await signedInAt(world, 16 * MINUTE);
      const [loaded, parked] = [gate(), gate()];
      const slow = tab.copy().visit(
        async (session) => {
          loaded.open();
          await parked.passed;
          session.set("slow", true);
        },
        { method: "POST" },
      );
      await loaded.passed;
      await tab.visit((session) => session.userId);
      await tab.visit((session) => session.userId);
      world.clock.advance(10 * MINUTE);
      parked.open();
      assert.equal((await slow).status, 200);
      assert.equal((await tab.visit((session) => session.get("slow"))).value, true);
    },
  },
  {
    name: "a secret from before the last rotation is a sign of theft, told once the overlap is surely over",
    async run(world) {
      const thefts: SessionEvents["theft"][] = [];
      world.sessions.on("theft", (info) => thefts.push(info));
      const tab = await signedInAt(world, 16 * MINUTE);
      const thief = tab.copy();
      await tab.visit((session) => session.userId);
      await tab.visit((session) => session.userId);
      world.clock.advance(35_000);
      await thief.visit((session) => session.userId);
      world.clock.advance(MINUTE);
      assert.equal((await thief.visit((session) => session.userId)).value, null);
      assert.deepEqual(thefts.map((info) => info.userId).slice(-1), ["ada"]);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: "with onTheft end, such a secret ends the session for everybody",
    needs: ["noRevival"],
    options: { onTheft: "end" },
    async run(world) {
      const tab = await signedInAt(world, 16 * MINUTE);
      const thief = tab.copy();
      await tab.visit((session) => session.userId);
      await tab.visit((session) => session.userId);
      world.clock.advance(2 * MINUTE);
      await thief.visit((session) => session.userId);
      const owner = await tab.visit(async (session, request) => [
        session.userId,
        (await world.sessions.explain(request)).code,
      ]);
      assert.deepEqual(owner.value, [null, "theft"]);
    },
  },
  {
    name: "somebody who knows only the id of a session cannot make it look stolen",
    options: { onTheft: "end" },
    async run(world) {
      const tab = await signedInAt(world, 0);
      const [name = "", value = ""] = [...tab.jar][0] ?? [];
      const guess = tab.copy();
      guess.jar.set(name, value.slice(0, 22) + "A".repeat(42));
      await guess.visit((session) => session.userId);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: "no secret of a visitor is rotated, and none is offered on an answer that caches may share",
    async run(world) {
      const visitor = world.browser();
      await visitor.visit((session) => session.set("x", 1), { method: "POST" });
      const tab = await signedInAt(world, 16 * MINUTE);
      assert.deepEqual((await visitor.visit((session) => session.get("x"))).setCookies, []);
      const shared = await tab.visit((session) => session.userId, { cacheControl: "public, max-age=60" });
      assert.deepEqual(shared.setCookies, []);
      assert.equal((await tab.visit((session) => session.userId)).setCookies.length, 1);
    },
  },
  {
    name: "of 50 parallel renewals one wins, the others are told 409, and the winner's browser stays in",
    needs: ["cas"],
    async run(world) {
      const tab = await signedInAt(world, 0);
      await tab.visit((session) => session.set("kept", 1), { method: "POST" });
      const old = tab.copy();
      const loaded = gate();
      let waiting = 50;
      const visits = Array.from({ length: 50 }, () =>
        tab.visit(
          async (session) => {
            waiting -= 1;
            if (waiting === 0) loaded.open();
            await loaded.passed;
            await session.renew();
          },
          { method: "POST" },
        ),
      );
      const statuses = (await Promise.all(visits)).map((visited) => visited.status);
      assert.equal(statuses.filter((status) => status === 200).length, 1);
      assert.equal(statuses.filter((status) => status === 409).length, 49);
      assert.deepEqual((await tab.visit((session) => [session.userId, session.get("kept")])).value, [
        "ada",
        1,
      ]);
      assert.equal((await old.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "a renewal keeps id and data, and a form's token from before is refused",
    async run(world) {
      const tab = await signedInAt(world, 0);
      const before = (await tab.visit((session) => [session.id, session.csrfToken()])).value ?? [];
      await tab.visit((session) => session.renew(), { method: "POST" });
      assert.equal((await tab.visit((session) => session.id)).value, before[0]);
      const stale = await tab.visit(() => {}, {
        method: "POST",
        headers: { "x-csrf-token": before[1] ?? "" },
      });
      assert.equal(stale.status, 403);
      const [, fresh = ""] = stale.headers.set[0] ?? [];
      const retried = await tab.visit(() => {}, { method: "POST", headers: { "x-csrf-token": fresh } });
      assert.equal(retried.status, 200);
    },
  },
];
