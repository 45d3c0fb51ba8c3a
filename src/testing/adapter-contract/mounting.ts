/** How the adapter is mounted: skip, lazy, twice, and two managers side by side. */
import assert from "node:assert/strict";
import { signedIn } from "../signed-in.ts";
import type { Route } from "./app.ts";
import { type Case, cookiesOf, dataOf, USER } from "./site.ts";

const CROSS_SITE = { method: "POST", headers: [["sec-fetch-site", "cross-site"]] } as const;

const codeOf = async (act: () => unknown): Promise<string> => {
  try {
    await act();
    return "none";
  } catch (error) {
    return (error as { code: string }).code;
  }
};

export const mounting: readonly Case[] = [
  {
    name: "a skipped request costs no store call, has no session to use, and is not checked",
    async run({ serve, sessions, counts }) {
      const health: Route = async ({ request }) => {
        const codes = [
          await codeOf(() => sessions.of(request)),
          await codeOf(() => sessions.open(request)),
          await codeOf(() => sessions.peek(request)),
        ];
        return { body: codes.join() };
      };
      const site = await serve({
        options: { skips: (path) => path.startsWith("/health") },
        routes: { "/health": health },
      });
      const browser = await site.signedIn();
      counts.reset();
      const answer = await browser.visit("/health", CROSS_SITE);
      assert.deepEqual(
        [answer.status, answer.body],
        [200, "SESSION_SKIPPED,SESSION_SKIPPED,SESSION_SKIPPED"],
      );
      assert.deepEqual([cookiesOf(answer), counts.calls], [[], {}]);
    },
  },
  {
    name: "with lazy a route that does not ask costs no store call, and one that asks has its session",
    async run({ serve, sessions, counts }) {
      const opening: Route = async ({ request }) => {
        const before = await codeOf(() => sessions.of(request));
        const session = await sessions.open(request);
        session.set("opened", session.userId);
        return { body: `${before} ${sessions.of(request).userId}` };
      };
      const login: Route = async ({ request }) => {
        await (await sessions.open(request)).login("ada");
        return { body: "signed in" };
      };
      const site = await serve({
        options: { lazy: true },
        routes: { "/opening": opening, "/login": login },
      });
      const browser = await site.signedIn();
      counts.reset();
      assert.equal((await browser.visit("/hello")).status, 200);
      assert.deepEqual(counts.calls, {});
      const answer = await browser.visit("/opening", { method: "POST" });
      assert.equal(answer.body, "NO_SESSION ada");
      assert.deepEqual(counts.calls, { load: 1, save: 1 });
      assert.equal((await browser.visit("/hello", CROSS_SITE)).status, 403);
    },
  },
  {
    name: "mounted twice, the second steps aside: one load, one check, one cookie",
    async run({ serve, sessions, counts }) {
      const site = await serve({ second: sessions });
      const browser = site.browser();
      assert.equal(cookiesOf(await browser.post("/set", { item: "tea" })).length, 1);
      counts.reset();
      assert.deepEqual(await dataOf(browser), { item: "tea" });
      assert.deepEqual(counts.calls, { load: 1 });
    },
  },
  {
    name: "signedIn() makes the headers of a request by a signed-in user",
    async run({ serve, sessions }) {
      const site = await serve();
      const headers = Object.entries(await signedIn(sessions, "ada", { item: "tea" }));
      const browser = site.browser();
      assert.equal((await browser.visit("/who", { headers })).body, "ada");
      assert.equal((await browser.visit("/data", { headers })).body, '{"item":"tea"}');
      assert.equal((await browser.visit("/set", { form: { item: "milk" }, headers })).status, 200);
      assert.equal((await browser.visit("/data", { headers })).body, '{"item":"milk"}');
      assert.deepEqual((await sessions.list("ada")).length, 1);
      assert.match(headers.find(([name]) => name === "cookie")?.[1] ?? "", new RegExp(`^${USER}=`));
    },
  },
];
