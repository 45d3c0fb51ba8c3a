/** Two managers and one field for tokens: each judges its own and leaves the other's alone. */
import assert from "node:assert/strict";
import { TEST_ORIGIN } from "../browser.ts";
import type { Route } from "./app.ts";
import { type HeaderLine, headerOf } from "./client.ts";
import type { HttpBrowser } from "./http-browser.ts";
import type { Case, Site } from "./site.ts";
import { inBothOrders, signedIn } from "./two-managers.ts";

/** From a page of our own, as a browser without Fetch Metadata says it: a token has to decide. */
const WEAK: HeaderLine = ["origin", TEST_ORIGIN];

export const managerTokens: readonly Case[] = [
  {
    name: "two managers: a token of one leaves the other alone, and alone it is worth nothing there",
    run: (scene) =>
      inBothOrders(scene, async ({ serve, site, staff }) => {
        const served = await serve({ routes: { "/act": () => ({ body: "done" }) } });
        const browser = await signedIn(served);
        const alone = { "/act": () => ({ body: "done" }) } as const;
        for (const [one, other] of [
          [site, staff],
          [staff, site],
        ] as const) {
          const only = await scene.serve({
            sessions: one,
            routes: { ...alone, "/token": ({ request }) => ({ body: one.of(request).csrfToken() }) },
          });
          const onlyOther = await scene.serve({ sessions: other, routes: alone });
          const at = (place: Site): HttpBrowser => place.browser().withCookiesOf(browser);
          const { body: token } = await at(only).visit("/token");
          const post = (place: Site, ...headers: HeaderLine[]) =>
            at(place).visit("/act", { method: "POST", headers: [...headers, ["x-csrf-token", token]] });
          assert.equal((await post(only, WEAK)).status, 200);
          assert.equal((await post(onlyOther, WEAK)).status, 403);
          assert.equal((await post(served, ["sec-fetch-site", "same-origin"])).status, 200);
          assert.equal((await post(served, WEAK)).status, 403);
        }
      }),
  },
  {
    name: "two managers: the one token of a form satisfies both, and each of them alone",
    run: (scene) =>
      inBothOrders(scene, async ({ serve, site, staff }) => {
        const act: Route = () => ({ body: "done" });
        const served = await serve({ routes: { "/act": act } });
        const siteOnly = await scene.serve({ sessions: site, routes: { "/act": act } });
        const staffOnly = await scene.serve({ sessions: staff, routes: { "/act": act } });
        const browser = await signedIn(served);
        for (const name of ["site", "staff"]) {
          const { body: _csrf } = await browser.visit(`/${name}/token`);
          for (const place of [served, siteOnly, staffOnly]) {
            const there = place.browser().withCookiesOf(browser);
            assert.equal((await there.visit("/act", { form: { _csrf }, headers: [WEAK] })).status, 200);
            const spoilt = `${_csrf.slice(0, -86)}${"A".repeat(86)}`;
            const parts = await Promise.all(
              [spoilt, `${_csrf}.guess`, "guess"].map((guess) =>
                there.visit("/act", { form: { _csrf: guess }, headers: [WEAK] }),
              ),
            );
            const isSpared = place !== served && parts[0]?.status === 200;
            assert.deepEqual(
              parts.map(({ status }) => status),
              [isSpared ? 200 : 403, 403, 403],
            );
          }
        }
      }),
  },
  {
    name: "two managers: after one of them renewed, the refusal brings a token that is good for both",
    run: (scene) =>
      inBothOrders(scene, async ({ serve, site, staff }) => {
        const renew: Route = async ({ request }) => {
          for (const one of [site, staff]) await one.of(request).renew();
          return { body: "renewed" };
        };
        const served = await serve({ routes: { "/renew": renew, "/act": () => ({ body: "done" }) } });
        const browser = await signedIn(served);
        let { body: token } = await browser.visit("/site/token");
        await browser.post("/renew");
        const statuses: number[] = [];
        for (let time = 0; time < 3; time++) {
          const answer = await browser.visit("/act", {
            method: "POST",
            headers: [WEAK, ["x-csrf-token", token]],
          });
          statuses.push(answer.status);
          token = headerOf(answer, "x-csrf-token") ?? token;
        }
        assert.deepEqual(statuses, [403, 403, 200]);
      }),
  },
];
