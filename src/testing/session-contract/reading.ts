/** Promise 5: reads are free. What a request may cost at the store, and what it may leave in the browser. */
import assert from "node:assert/strict";
import type { Case } from "./case.ts";
import { MINUTE } from "./world.ts";

export const reading: readonly Case[] = [
  {
    name: "a visitor who writes nothing costs no store call, no row and no cookie",
    async run({ browser, counts }) {
      const tab = browser();
      const visited = await tab.visit((session) => [
        session.isNew,
        session.userId,
        session.get("cart"),
        session.keys(),
      ]);
      assert.deepEqual(visited.value, [true, null, undefined, []]);
      assert.deepEqual(visited.setCookies, []);
      assert.deepEqual(counts.calls, {});
    },
  },
  {
    name: "writes that come to nothing cost a visitor nothing",
    async run({ browser, counts }) {
      const visited = await browser().visit(
        (session) => {
          session.set("cart", 1);
          session.delete("cart");
          session.clear();
          session.flashes();
        },
        { method: "POST" },
      );
      assert.deepEqual(visited.setCookies, []);
      assert.deepEqual(counts.calls, {});
    },
  },
  {
    name: "a reading request costs one load and sets no cookie; a writing one costs one load and one save",
    async run({ browser, counts }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      counts.reset();
      const read = await tab.visit((session) => session.get("cart"));
      assert.deepEqual([counts.calls, read.setCookies], [{ load: 1 }, []]);
      counts.reset();
      await tab.visit((session) => session.set("cart", 1), { method: "POST" });
      assert.deepEqual(counts.calls, { load: 1, save: 1 });
    },
  },
  {
    name: "a malformed cookie costs no store call, an unknown one a read and never a row",
    needs: ["userIndex"],
    async run({ browser, counts, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const [name = ""] = tab.jar.keys();
      counts.reset();
      for (const junk of [
        "",
        "x",
        "../../etc/passwd",
        "a".repeat(64 * 1024),
        `${"A".repeat(63)}!`,
        "__proto__",
      ]) {
        tab.jar.set(name, junk);
        assert.equal((await tab.visit((session) => session.userId)).value, null);
      }
      assert.deepEqual(counts.calls, {});
      tab.jar.set(name, "A".repeat(64));
      await tab.visit((session) => session.set("mine", true), { method: "POST" });
      assert.deepEqual(counts.calls, { load: 1, create: 1 });
      const issued = [...tab.jar.values()].filter((value) => value !== "A".repeat(64));
      assert.equal(issued.length, 1);
      assert.equal((await sessions.list("ada")).length, 1);
    },
  },
  {
    name: "touches are throttled to a twentieth of the idle time, and lose at most that",
    async run({ browser, clock, counts }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      counts.reset();
      for (let minute = 0; minute < 10; minute++) {
        clock.advance(MINUTE / 2);
        await tab.visit((session) => session.userId);
      }
      assert.equal(counts.calls.touch, 3);
      assert.equal(counts.calls.save, undefined);
      clock.advance(30 * MINUTE - 1.5 * MINUTE);
      assert.equal((await tab.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: "peeking neither extends the session nor sets a cookie",
    async run({ browser, clock, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      const seen: unknown[] = [];
      for (let minute = 0; minute < 31; minute++) {
        clock.advance(MINUTE);
        const peeked = await tab.visit(async (_, request) => (await sessions.peek(request))?.userId ?? null);
        assert.deepEqual(peeked.setCookies, []);
        seen.push(peeked.value);
      }
      assert.deepEqual([seen[28], seen[29]], ["ada", null]);
    },
  },
  {
    name: "a lazy request costs nothing until it asks",
    async run({ browser, counts, sessions }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada"), { method: "POST" });
      counts.reset();
      await tab.visit(() => "static", { lazy: true });
      assert.deepEqual(counts.calls, {});
      const asked = await tab.visit(async (_, request) => (await sessions.open(request)).userId, {
        lazy: true,
      });
      assert.deepEqual([asked.value, counts.calls], ["ada", { load: 1 }]);
    },
  },
  {
    name: "the token of a form costs a visitor a cookie but nothing in the store, and dies at login",
    async run({ browser, counts }) {
      const tab = browser();
      const form = await tab.visit((session) => session.csrfToken());
      assert.equal(form.setCookies.length, 1);
      assert.deepEqual(counts.calls, {});
      const headers = { "sec-fetch-site": "none", "x-csrf-token": form.value ?? "" };
      const posted = await tab.visit((session) => session.login("ada"), { method: "POST", headers });
      assert.equal(posted.status, 200);
      const again = await tab.visit((session) => session.set("x", 1), { method: "POST", headers });
      assert.equal(again.status, 403);
    },
  },
];
