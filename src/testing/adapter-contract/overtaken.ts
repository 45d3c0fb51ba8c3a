/** Requests that were under way when their session ended (SECURITY D1): it stays dead, and no late answer revives it. */
import assert from "node:assert/strict";
import { headerOf } from "./client.ts";
import type { HttpBrowser } from "./http-browser.ts";
import { type Case, cookiesOf, dataOf, parked, type Scene, stop, USER, VISITOR, whoIs } from "./site.ts";

interface Ending {
  readonly name: string;
  readonly status: 401 | 409;
  end(scene: Scene, owner: HttpBrowser): Promise<unknown>;
}

const ENDINGS: readonly Ending[] = [
  { name: "logout", status: 401, end: (_, owner) => owner.post("/logout") },
  { name: "revocation", status: 401, end: ({ sessions }) => sessions.revokeAll("ada") },
  { name: "expiry", status: 401, end: async ({ clock }) => clock.advance(31 * 60_000) },
  { name: "renewal", status: 409, end: (_, owner) => owner.post("/renew") },
  { name: "login as another user", status: 409, end: (_, owner) => owner.post("/login", { user: "bob" }) },
];

const POST = { method: "POST", headers: [["sec-fetch-site", "same-origin"]] } as const;

export const overtaken: readonly Case[] = [
  ...ENDINGS.flatMap((ending): readonly Case[] => [
    {
      name: `${ending.name} overtakes a request that reads: it is answered as usual, without a cookie`,
      async run(scene) {
        const at = stop();
        const site = await scene.serve({
          routes: { "/slow": parked(at, ({ session }) => ({ body: String(session.userId) })) },
        });
        const owner = await site.signedIn();
        const late = owner.copy();
        const answering = late.visit("/slow");
        await at.reached;
        await ending.end(scene, owner);
        at.release();
        const answer = await answering;
        assert.deepEqual([answer.status, cookiesOf(answer)], [200, []]);
        assert.equal(await whoIs(late), "null");
      },
    },
    {
      name: `${ending.name} overtakes a request that writes: ${ending.status}, nothing stored, no cookie`,
      async run(scene) {
        const at = stop();
        const writing = parked(at, ({ session }) => {
          session.set("late", true);
          return { body: "stored" };
        });
        const site = await scene.serve({ routes: { "/slow": writing } });
        const owner = await site.signedIn();
        const late = owner.copy();
        const answering = late.visit("/slow", POST);
        await at.reached;
        await ending.end(scene, owner);
        at.release();
        const answer = await answering;
        assert.deepEqual([answer.status, cookiesOf(answer)], [ending.status, []]);
        assert.equal(headerOf(answer, "session-ended") !== undefined, ending.status === 409);
        assert.equal(await whoIs(late), "null");
        assert.deepEqual(await dataOf(owner), {});
      },
    },
  ]),
  {
    name: "a visitor's late answer never overwrites the login that happened meanwhile",
    async run({ serve }) {
      const at = stop();
      const writing = parked(at, ({ session }) => {
        session.set("item", "tea");
        return { body: "stored" };
      });
      const site = await serve({ routes: { "/slow": writing } });
      const browser = site.browser();
      const answering = browser.visit("/slow", POST);
      await at.reached;
      await browser.post("/login", { user: "ada" });
      at.release();
      assert.equal((await answering).status, 200);
      assert.deepEqual([...browser.jar.keys()].sort(), [VISITOR, USER].sort());
      assert.equal(await whoIs(browser), "ada");
    },
  },
  {
    name: "a handler that hangs keeps no other request of its session waiting",
    async run({ serve }) {
      const at = stop();
      const site = await serve({ routes: { "/slow": parked(at, () => ({ body: "done" })) } });
      const browser = await site.signedIn();
      const hanging = browser.copy().visit("/slow", POST);
      await at.reached;
      await browser.post("/set", { item: "tea" });
      assert.deepEqual(await dataOf(browser), { item: "tea" });
      at.release();
      assert.equal((await hanging).body, "done");
    },
  },
];
