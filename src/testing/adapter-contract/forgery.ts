/** The cross-site check, through a real socket (SECURITY part C): before the handler, by origin, then by token. */
import assert from "node:assert/strict";
import { TEST_ORIGIN } from "../browser.ts";
import type { Route } from "./app.ts";
import { type HeaderLine, headerOf } from "./client.ts";
import { type Case, cookiesOf, type Scene, type Site, whoIs } from "./site.ts";

/** From our own page, as a browser without Fetch Metadata says it: a token has to decide. */
const OWN_ORIGIN: HeaderLine = ["origin", TEST_ORIGIN];

interface Guarded extends Site {
  /** How often the guarded handler ran. */
  runs(): number;
}

async function guarded({ serve }: Scene, more: Parameters<Scene["serve"]>[0] = {}): Promise<Guarded> {
  let runs = 0;
  const act: Route = async ({ form }) => {
    runs += 1;
    return { body: JSON.stringify(await form()) };
  };
  const token: Route = ({ session }) => ({ body: session.csrfToken() });
  const site = await serve({ ...more, routes: { "/act": act, "/token": token, ...more.routes } });
  return { ...site, runs: () => runs };
}

const FOREIGN: Readonly<Record<string, readonly HeaderLine[]>> = {
  "another site": [
    ["sec-fetch-site", "cross-site"],
    ["origin", "https://evil.example"],
  ],
  "a sibling host": [
    ["sec-fetch-site", "same-site"],
    ["origin", "https://blog.app.example"],
  ],
  "another origin, without Fetch Metadata": [["origin", "https://evil.example"]],
  "our host over plain http": [["origin", TEST_ORIGIN.replace("https:", "http:")]],
  "a page without an origin": [["origin", "null"]],
  "two origins": [
    ["origin", TEST_ORIGIN],
    ["origin", "https://evil.example"],
  ],
  "two Sec-Fetch-Site": [
    ["sec-fetch-site", "same-origin"],
    ["sec-fetch-site", "cross-site"],
  ],
  "a script or old browser that says nothing": [],
};

export const forgery: readonly Case[] = [
  ...Object.entries(FOREIGN).map(
    ([name, headers]): Case => ({
      name: `an unsafe request with a session from ${name} is refused before the handler runs`,
      async run(scene) {
        const site = await guarded(scene);
        const browser = await site.signedIn();
        for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
          const answer = await browser.visit("/act", { method, headers });
          assert.deepEqual([answer.status, cookiesOf(answer)], [403, []], method);
          assert.equal(headerOf(answer, "cache-control"), "no-store");
          assert.match(headerOf(answer, "vary") ?? "", /Sec-Fetch-Site, Origin/);
          assert.equal(JSON.parse(answer.body).error.code, "CSRF_DENIED");
        }
        assert.equal(site.runs(), 0);
      },
    }),
  ),
  {
    name: "content type is no defence and no hindrance: the same verdict whatever the body",
    async run(scene) {
      const site = await guarded(scene);
      const browser = await site.signedIn();
      for (const type of [
        "text/plain",
        "application/json",
        "Application/JSON;x",
        "multipart/form-data; boundary=b",
      ]) {
        const headers: HeaderLine[] = [
          ["content-type", type],
          ["sec-fetch-site", "cross-site"],
        ];
        assert.equal((await browser.visit("/act", { method: "POST", headers })).status, 403, type);
      }
      assert.equal(site.runs(), 0);
    },
  },
  {
    name: "a method override is judged by the more dangerous method",
    async run(scene) {
      const site = await guarded(scene);
      const browser = await site.signedIn();
      const headers: HeaderLine[] = [
        ["x-http-method-override", "DELETE"],
        ["sec-fetch-site", "cross-site"],
      ];
      assert.equal((await browser.visit("/act", { headers })).status, 403);
      assert.equal(site.runs(), 0);
    },
  },
  {
    name: "an unsafe request that carries nothing a browser adds by itself passes: webhooks, command lines",
    async run(scene) {
      const site = await guarded(scene);
      assert.equal((await site.browser().visit("/act", { method: "POST", headers: [] })).status, 200);
    },
  },
  {
    name: "a login from another site is refused, though no session came with it",
    async run({ serve }) {
      const browser = (await serve()).browser();
      const headers = FOREIGN["another site"] ?? [];
      const answer = await browser.visit("/login", { method: "POST", form: { user: "mallory" }, headers });
      assert.deepEqual([answer.status, cookiesOf(answer)], [403, []]);
      assert.equal(await whoIs(browser), "null");
    },
  },
  {
    name: "where the origin is not enough a token decides: from the header",
    async run(scene) {
      const site = await guarded(scene);
      const browser = await site.signedIn();
      const { body: token } = await browser.visit("/token");
      const post = (...headers: HeaderLine[]) =>
        browser.visit("/act", { method: "POST", headers: [OWN_ORIGIN, ...headers] });
      assert.equal((await post()).status, 403);
      assert.equal((await post(["x-csrf-token", token])).status, 200);
      assert.equal(
        (await post(["x-csrf-token", `${token.startsWith("A") ? "B" : "A"}${token.slice(1)}`])).status,
        403,
      );
      assert.equal(
        (await browser.visit(`/act?_csrf=${token}`, { method: "POST", headers: [OWN_ORIGIN] })).status,
        403,
      );
      assert.equal(site.runs(), 1);
    },
  },
  {
    name: "where the origin is not enough a token decides: from the form, which the handler finds untouched",
    async run(scene) {
      const site = await guarded(scene);
      const browser = await site.signedIn();
      const { body: token } = await browser.visit("/token");
      const post = (form: Readonly<Record<string, string>>) =>
        browser.visit("/act", { form, headers: [OWN_ORIGIN] });
      const answer = await post({ item: "tea", _csrf: token });
      assert.deepEqual([answer.status, JSON.parse(answer.body)], [200, { item: "tea", _csrf: token }]);
      assert.equal((await post({ item: "tea" })).status, 403);
      assert.equal((await post({ item: "tea", _csrf: "guess" })).status, 403);
    },
  },
  {
    name: "a token of another session, and one from before the login, are refused",
    async run(scene) {
      const site = await guarded(scene);
      const other = await site.signedIn("bob");
      const { body: theirs } = await other.visit("/token");
      const browser = site.browser();
      const { body: before } = await browser.visit("/token");
      await browser.post("/login", { user: "ada" });
      for (const token of [theirs, before]) {
        const headers: HeaderLine[] = [OWN_ORIGIN, ["x-csrf-token", token]];
        assert.equal((await browser.visit("/act", { method: "POST", headers })).status, 403);
      }
    },
  },
  {
    name: "a visitor's form has a token that signs in, and nothing was stored for it",
    async run(scene) {
      const site = await guarded(scene);
      const browser = site.browser();
      scene.counts.reset();
      const { body: token } = await browser.visit("/token");
      assert.deepEqual([browser.jar.size, scene.counts.calls], [1, {}]);
      const form = { user: "ada", _csrf: token };
      assert.equal((await browser.visit("/login", { form, headers: [OWN_ORIGIN] })).status, 200);
      assert.equal(await whoIs(browser), "ada");
    },
  },
  {
    name: "an exempt route takes requests from anywhere, and no spelling of its path opens another one",
    async run(scene) {
      const hook: Route = () => ({ body: "taken" });
      const site = await guarded(scene, { exemptPath: "/hook", routes: { "/hook": hook } });
      const browser = await site.signedIn();
      const foreign = { method: "POST", headers: FOREIGN["another site"] ?? [] };
      assert.equal((await browser.visit("/hook", foreign)).body, "taken");
      for (const path of [
        "/act",
        "/hook/../act",
        "/hook/%2e%2e/act",
        "//hook//act",
        "/hook\\..\\act",
        "/%61ct",
        "/act?/hook",
        "/hook;/act",
      ]) {
        assert.notEqual((await browser.visit(path, foreign)).status, 200, path);
      }
      assert.equal(site.runs(), 0);
    },
  },
  {
    name: "an upgrade is judged by its exact Origin, and refused before any handler sees it",
    needs: "upgrade requests",
    async run(scene) {
      const site = await guarded(scene);
      const browser = await site.signedIn();
      const upgrade = (...more: HeaderLine[]) =>
        browser.visit("/act", { headers: [["upgrade", "websocket"], ...more] });
      assert.equal((await upgrade(["origin", "https://evil.example"])).status, 403);
      assert.equal((await upgrade(["origin", "null"])).status, 403);
      assert.equal((await upgrade()).status, 403);
      assert.equal(site.runs(), 0);
      assert.equal((await upgrade(OWN_ORIGIN)).status, 200);
    },
  },
];
