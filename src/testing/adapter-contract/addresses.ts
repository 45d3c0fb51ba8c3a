/** Tokens in addresses, over the wire: made by one route, taken by another, and gone from the address that follows. */
import assert from "node:assert/strict";
import type { Sessions } from "../../core/manager-types.ts";
import { TEST_ORIGIN } from "../visit.ts";
import type { Route, Values } from "./app.ts";
import { type HeaderLine, headerLines, headerOf } from "./client.ts";
import { type Case, cookiesOf, dataOf, reportsOf, whoIs } from "./site.ts";

/** What frameworks know of the address under different names. */
function addressOf(request: object): string {
  const { originalUrl, url, req } = request as { originalUrl?: string; url?: string; req?: { url: string } };
  return originalUrl ?? url ?? req?.url ?? "";
}

function routes(sessions: Sessions<Values>): Readonly<Record<string, Route>> {
  return {
    "/go": async ({ request }) => ({
      status: 303,
      headers: [["location", await sessions.url(request, "/welcome?step=1", { signedIn: true })]],
    }),
    "/welcome": async ({ request, session }) => {
      const { location, refused } = await sessions.arrive(request, addressOf(request));
      if (location !== null)
        return { status: 303, headers: [["location", location]], body: refused ?? "arrived" };
      return { body: `welcome ${session.userId}` };
    },
  };
}

export const addresses: readonly Case[] = [
  {
    name: "a session goes over by an address once: a cookie of its own, and a redirect to the address without the token",
    options: { url: {}, keepOnLogin: ["item"] },
    async run({ serve, sessions }) {
      const site = await serve({ routes: routes(sessions) });
      const here = await site.signedIn();
      await here.post("/set", { item: "tea" });
      const made = await here.visit("/go");
      const address = headerOf(made, "location") ?? "";
      assert.match(address, /^https:\/\/app\.example\/welcome\?step=1&session=[\w-]{64}$/);
      const path = address.slice(TEST_ORIGIN.length);
      const there = site.browser();
      const arrived = await there.visit(path);
      assert.deepEqual([arrived.status, headerOf(arrived, "location")], [303, "/welcome?step=1"]);
      assert.equal(cookiesOf(arrived).length, 1);
      for (const answer of [made, arrived]) {
        assert.deepEqual(headerLines(answer, "referrer-policy"), ["no-referrer"]);
        assert.deepEqual(headerLines(answer, "cache-control"), ["no-store"]);
      }
      assert.equal((await there.visit("/welcome?step=1")).body, "welcome ada");
      assert.deepEqual([await whoIs(there), await dataOf(there)], ["ada", { item: "tea" }]);
      const again = await site.browser().visit(path);
      assert.deepEqual([again.body, cookiesOf(again)], ["used", []]);
      assert.deepEqual(headerLines(again, "referrer-policy"), ["no-referrer"]);
    },
  },
  {
    name: "what a browser fetches in advance is answered 425 and spends nothing; a failure hides the address too",
    options: { url: {}, storeTimeout: "50ms" },
    async run({ serve, sessions, faults }) {
      const site = await serve({ routes: routes(sessions) });
      const made = await (await site.signedIn()).visit("/go");
      const path = (headerOf(made, "location") ?? "").slice(TEST_ORIGIN.length);
      const ahead: HeaderLine[] = [["sec-purpose", "prefetch"]];
      for (const visit of [{ method: "HEAD" }, { headers: ahead }]) {
        const answer = await site.browser().visit(path, visit);
        assert.deepEqual([answer.status, cookiesOf(answer)], [425, []]);
        assert.deepEqual(headerLines(answer, "referrer-policy"), ["no-referrer"]);
      }
      const recover = faults.outage();
      await reportsOf(async () => {
        const failed = await site.browser().visit(path);
        assert.deepEqual([failed.status, headerLines(failed, "referrer-policy")], [503, ["no-referrer"]]);
        assert.doesNotMatch(failed.body, /[\w-]{42}/);
      });
      recover();
      const there = site.browser();
      await there.visit(path);
      assert.equal(await whoIs(there), "ada");
    },
  },
];
