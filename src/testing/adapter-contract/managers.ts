/** Two managers in one application, site and staff, in either order: neither notices the other. */
import assert from "node:assert/strict";
import type { Route } from "./app.ts";
import { headerLines, headerOf } from "./client.ts";
import { type Case, cookiesOf, reportsOf, USER, VISITOR } from "./site.ts";
import { inBothOrders, STAFF, signedIn } from "./two-managers.ts";

export const managers: readonly Case[] = [
  {
    name: "two managers: each finds its own session, and signs in and out alone",
    run: (scene) =>
      inBothOrders(scene, async ({ serve }) => {
        const served = await serve();
        const browser = served.browser();
        const seen = async () => (await browser.visit("/both")).body;
        assert.equal(await seen(), ",");
        await browser.post("/site/login");
        assert.deepEqual([await seen(), [...browser.jar.keys()]], ["ada,", [USER]]);
        await browser.post("/staff/login");
        assert.deepEqual([await seen(), [...browser.jar.keys()].sort()], ["ada,ada", [USER, STAFF].sort()]);
        await browser.post("/site/logout");
        assert.deepEqual([await seen(), [...browser.jar.keys()]], [",ada", [STAFF]]);
        await browser.post("/site/login");
        await browser.post("/staff/logout");
        assert.deepEqual([await seen(), [...browser.jar.keys()]], ["ada,", [USER]]);
      }),
  },
  {
    name: "two managers: both have stored what was written before the first byte of the answer",
    run: (scene) =>
      inBothOrders(scene, async ({ serve, site, staff }) => {
        const streaming: Route = ({ request }) => {
          for (const one of [site, staff]) one.of(request).set("count", 7);
          return { body: pieces() };
        };
        const served = await serve({ routes: { "/stream": streaming } });
        const browser = await signedIn(served);
        const live = browser.start("/stream");
        await live.head;
        assert.equal((await browser.visit("/counts")).body, "7,7");
        live.abort();
      }),
  },
  {
    name: "two managers: one answer carries both cookies beside the application's own, one Vary, one Cache-Control",
    run: (scene) =>
      inBothOrders(scene, async ({ serve, site, staff }) => {
        const writing: Route = ({ request }) => {
          for (const one of [site, staff]) one.of(request).set("item", "tea");
          return {
            headers: [
              ["set-cookie", "own=1"],
              ["vary", "Accept"],
              ["cache-control", "public, max-age=60"],
            ],
            body: "written",
          };
        };
        const mixed: Route = ({ request }) => {
          site.of(request).set("item", "milk");
          return { body: String(staff.of(request).get("item")) };
        };
        const served = await serve({ routes: { "/write": writing, "/mixed": mixed } });
        assert.deepEqual(headerLines(await served.browser().visit("/mixed"), "cache-control"), ["no-store"]);
        const browser = served.browser();
        const answer = await browser.visit("/write");
        const names = cookiesOf(answer).map((line) => line.slice(0, line.indexOf("=")));
        assert.deepEqual(names.sort(), [VISITOR, `${STAFF}-anon`, "own"].sort());
        assert.equal(headerOf(answer, "vary"), "Accept, Cookie");
        assert.deepEqual(headerLines(answer, "cache-control"), ["no-store"]);
        const read = await browser.visit("/both");
        assert.deepEqual([cookiesOf(read), headerLines(read, "vary")], [[], ["Cookie"]]);
        assert.deepEqual(headerLines(read, "cache-control"), ["private, no-cache"]);
      }),
  },
  {
    name: "two managers: when one store fails the other's write counts once or not at all, and no cookie is touched",
    options: { storeTimeout: "50ms" },
    run: (scene) =>
      inBothOrders(scene, async ({ serve, inner, site, staff, staffFaults }) => {
        for (const failing of ["site", "staff"] as const) {
          const faults = failing === "site" ? scene.faults : staffFaults;
          let restore = (): void => {};
          const counting: Route = ({ request }) => {
            for (const one of [site, staff]) one.of(request).update("count", (n) => Number(n ?? 0) + 1);
            restore = faults.outage();
            return { body: "counted" };
          };
          const served = await serve({ routes: { "/broken": counting } });
          const browser = await signedIn(served);
          await browser.post("/count");
          const jar = new Map(browser.jar);
          await reportsOf(async () => {
            const answer = await browser.post("/broken");
            restore();
            assert.deepEqual([answer.status, cookiesOf(answer)], [503, []]);
            assert.equal(JSON.parse(answer.body).error.code, "STORE_UNAVAILABLE");
          });
          assert.deepEqual(browser.jar, jar);
          const counts = (await browser.visit("/counts")).body.split(",").map(Number);
          const own = counts[failing === "site" ? 0 : 1];
          const others = counts[failing === "site" ? 1 : 0];
          assert.deepEqual([own, others], [1, failing === inner ? 1 : 2]);
          await browser.post("/count");
          const after = (await browser.visit("/counts")).body.split(",").map(Number);
          assert.deepEqual(
            after,
            counts.map((count) => count + 1),
          );
        }
      }),
  },
  {
    name: "two managers: the cookie of a login goes out though the other one's commit fails",
    options: { storeTimeout: "50ms" },
    run: (scene) =>
      inBothOrders(scene, async ({ serve, site, staff, staffFaults }) => {
        for (const failing of ["site", "staff"] as const) {
          const [signing, broken] = failing === "site" ? [staff, site] : [site, staff];
          let restore = (): void => {};
          const login: Route = async ({ request }) => {
            await signing.of(request).login("bob");
            broken.of(request).set("count", 9);
            restore = (failing === "site" ? scene.faults : staffFaults).outage();
            return { body: "signed in" };
          };
          const served = await serve({ routes: { "/broken": login } });
          const browser = await signedIn(served);
          await reportsOf(async () => assert.equal((await browser.post("/broken")).status, 503));
          restore();
          assert.equal((await browser.visit("/both")).body, failing === "site" ? "ada,bob" : "bob,ada");
        }
      }),
  },
  {
    name: "two managers of one name on one request are refused, with the option's name, and nothing is stored or set",
    options: { storeTimeout: "50ms" },
    async run({ serve, another, sessions }) {
      for (const [first, second] of [
        [sessions, another()],
        [another(), sessions],
      ] as const) {
        const served = await serve({ sessions: first, second });
        const reports = await reportsOf(async () => {
          const answer = await served.browser().post("/set", { item: "tea" });
          assert.deepEqual([answer.status, cookiesOf(answer)], [500, []]);
        });
        assert.match(reports.join(), /cookie\.name.*"sid"/);
      }
    },
  },
  {
    name: "two managers: each is skipped, lazy, peeked at and explained on its own",
    run: (scene) =>
      inBothOrders(
        scene,
        async ({ serve, site, staff }) => {
          const looking: Route = async ({ request }) => {
            const codes = [(await site.explain(request)).code, (await staff.explain(request)).code];
            const peeked = await site.peek(request);
            const opened = codes[1] === "skipped" ? null : await staff.open(request);
            return { body: [...codes, peeked?.userId, opened?.userId].join() };
          };
          const opening: Route = async ({ request }) => {
            await (await staff.open(request)).login("bob");
            return { body: "signed in" };
          };
          const served = await serve({
            routes: { "/look": looking, "/health": looking, "/open": opening },
          });
          const browser = served.browser();
          await browser.post("/site/login");
          await browser.post("/open");
          assert.equal((await browser.visit("/look")).body, "ok,not-opened,ada,bob");
          assert.equal((await browser.visit("/health")).body, "ok,skipped,ada,");
        },
        { staff: { lazy: true, skips: (path) => path === "/health" } },
      ),
  },
  {
    name: "two managers: who is not signed in at one of them is sent to that one's sign-in page",
    run: (scene) =>
      inBothOrders(
        scene,
        async ({ serve }) => {
          const served = await serve();
          for (const name of ["site", "staff"]) {
            const answer = await served.browser().visit(`/${name}/private`, {
              headers: [["accept", "text/html"]],
            });
            const to = headerOf(answer, "location") ?? "";
            assert.deepEqual([answer.status, to.split("?")[0]], [303, `/${name}/sign-in`]);
          }
        },
        { site: { signInPath: "/site/sign-in" }, staff: { signInPath: "/staff/sign-in" } },
      ),
  },
  {
    name: "two managers: one that is mounted below a path is there alone, and elsewhere it is not",
    async run(scene) {
      await inBothOrders(scene, async ({ site, staff }) => {
        const looking: Route = async ({ request }) => ({ body: (await staff.explain(request)).code });
        const served = await scene.serve({
          sessions: site,
          second: staff,
          secondPath: "/staff",
          routes: {
            "/look": looking,
            "/staff/look": looking,
            "/staff/login": async ({ request }) => {
              await staff.of(request).login(String(site.of(request).userId));
              return { body: "signed in" };
            },
            "/staff/who": ({ request }) => ({ body: String(staff.of(request).userId) }),
          },
        });
        const browser = await served.signedIn("ada");
        await browser.post("/staff/login");
        assert.deepEqual([...browser.jar.keys()].sort(), [USER, STAFF].sort());
        assert.equal((await browser.visit("/staff/who")).body, "ada");
        assert.equal((await browser.visit("/staff/look")).body, "ok");
        assert.equal((await browser.visit("/look")).body, "no-adapter");
      });
    },
  },
];

async function* pieces(): AsyncGenerator<string> {
  yield "first";
  yield "second";
}
