/** Promise 2: nothing acknowledged is lost. */
import assert from "node:assert/strict";
import { gate } from "../browser.ts";
import type { Case } from "./case.ts";

const number = (value: unknown): number => (typeof value === "number" ? value : 0);

export const writing: readonly Case[] = [
  {
    name: "50 requests writing 50 different keys at once keep all 50",
    needs: ["cas"],
    async run({ browser, sessions, another }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const managers = [sessions, another(), another(), another()];
      const loaded = gate();
      let waiting = 50;
      const visits = Array.from({ length: 50 }, (_, index) =>
        tab.copy(managers[index % 4]).visit(
          async (session) => {
            waiting -= 1;
            if (waiting === 0) loaded.open();
            await loaded.passed; // all have loaded before the first one writes
            session.set(`key${index}`, index);
          },
          { method: "POST" },
        ),
      );
      for (const visited of await Promise.all(visits)) assert.equal(visited.status, 200);
      const { value } = await tab.visit((session) => session.keys().length);
      assert.equal(value, 50);
    },
  },
  {
    name: "100 increments of one key, from four processes at once, end at 100",
    needs: ["cas"],
    async run({ browser, sessions, another }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const managers = [sessions, another(), another(), another()];
      const visits = Array.from({ length: 100 }, (_, index) =>
        tab
          .copy(managers[index % 4])
          .visit((session) => session.update("count", (value) => number(value) + 1), {
            method: "POST",
          }),
      );
      for (const visited of await Promise.all(visits)) assert.equal(visited.status, 200);
      const { value } = await tab.visit((session) => session.get("count"));
      assert.equal(value, 100);
    },
  },
  {
    name: "one request deletes a key while another writes a different one: both happen",
    needs: ["cas"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.set("old", 1), { method: "POST" });
      const parked = gate();
      const slow = tab.visit(
        async (session) => {
          await parked.passed;
          session.delete("old");
        },
        { method: "POST" },
      );
      await tab.visit((session) => session.set("new", 2), { method: "POST" });
      parked.open();
      assert.equal((await slow).status, 200);
      const { value } = await tab.visit((session) => session.keys());
      assert.deepEqual(value, ["new"]);
    },
  },
  {
    name: "a value taken by two requests goes to one of them; the other is told 409",
    needs: ["cas"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.set("state", "once"), { method: "POST" });
      const parked = gate();
      let arrived = 0;
      const visits = [1, 2].map(() =>
        tab.visit(
          async (session) => {
            if (++arrived === 2) parked.open(); // both have read it
            await parked.passed;
            return session.take("state");
          },
          { method: "POST" },
        ),
      );
      const statuses = (await Promise.all(visits)).map((visited) => visited.status);
      assert.deepEqual(
        statuses.toSorted((a, b) => a - b),
        [200, 409],
      );
    },
  },
  {
    name: "a value consumed by two requests is given to one; the other is told before it could act on it",
    needs: ["cas"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.set("state", "once"), { method: "POST" });
      const given: unknown[] = [];
      const parked = gate();
      let arrived = 0;
      const visits = [1, 2].map(() =>
        tab.visit(
          async (session) => {
            if (++arrived === 2) parked.open(); // both have read it
            await parked.passed;
            given.push(await session.consume("state"));
          },
          { method: "POST" },
        ),
      );
      const statuses = (await Promise.all(visits)).map((visited) => visited.status);
      assert.deepEqual(
        statuses.toSorted((a, b) => a - b),
        [200, 409],
      );
      assert.deepEqual(given, ["once"]);
    },
  },
  {
    name: "a write is stored by save() at once, and what follows is stored with the answer",
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.set("step", 0), { method: "POST" });
      await tab.visit(
        async (session) => {
          session.set("step", 1);
          await session.save();
          assert.equal((await tab.copy().visit((other) => other.get("step"))).value, 1);
          session.set("more", 2);
        },
        { method: "POST" },
      );
      const { value } = await tab.visit((session) => [session.get("step"), session.get("more")]);
      assert.deepEqual(value, [1, 2]);
    },
  },
  {
    name: "an answer of status 500 or above stores nothing the handler wrote",
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.set("kept", 1), { method: "POST" });
      await tab.visit((session) => session.set("kept", 2), { method: "POST", status: 500 });
      await tab.visit((session) => session.set("kept", 3), { method: "POST", status: 503 });
      assert.equal((await tab.visit((session) => session.get("kept"))).value, 1);
      await tab.visit((session) => session.set("kept", 4), { method: "POST", status: 404 });
      assert.equal((await tab.visit((session) => session.get("kept"))).value, 4);
    },
  },
  {
    name: "flash messages are shown to one page, login leaves them, and one left meanwhile is not lost",
    needs: ["cas"],
    async run({ browser }) {
      const tab = browser();
      await tab.visit((session) => session.flash("notice", "hello"), { method: "POST" });
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const first = await tab.visit((session) => session.flashes());
      assert.deepEqual(first.value, [{ kind: "notice", message: "hello" }]);
      assert.deepEqual((await tab.visit((session) => session.flashes())).value, []);
      const parked = gate();
      const arrived = gate();
      await tab.visit((session) => session.flash("notice", "again"), { method: "POST" });
      const reading = tab.visit(async (session) => {
        arrived.open();
        await parked.passed;
        return session.flashes();
      });
      await arrived.passed;
      await tab.visit((session) => session.flash("error", "meanwhile"), { method: "POST" });
      parked.open();
      assert.equal((await reading).status, 200);
      const { value } = await tab.visit((session) => session.flashes("error"));
      assert.deepEqual(value, [{ kind: "error", message: "meanwhile" }]);
    },
  },
];
