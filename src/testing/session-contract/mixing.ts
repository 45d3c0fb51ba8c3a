/** Cookies and headers side by side: one of them counts, and nothing of a cookie's ever becomes readable (SECURITY T5). */
import assert from "node:assert/strict";
import { header } from "../../transports/header.ts";
import type { Visited } from "../browser.ts";
import type { Case } from "./case.ts";
import type { World } from "./world.ts";

const POST = { method: "POST" } as const;
const COOKIE_FIRST = { transports: ["cookie", header()] } as const;
const HEADER_FIRST = { transports: [header(), "cookie"] } as const;
const USER = "__Host-Http-sid";

/** A browser where `ada` is signed in, and a client with a session of `bob`. */
async function both(world: World) {
  const [ada, bob] = [world.browser(), world.client()];
  await ada.visit((session) => session.login("ada"), POST);
  await bob.visit((session) => session.login("bob"), POST);
  return { ada, bob };
}

/** Whose tokens an answer hands out, and how. */
function handedOut(visited: Visited<unknown>): readonly string[] {
  return [
    ...visited.setCookies.map((line) => line.slice(0, line.indexOf("="))),
    ...visited.headers.set.map(([name]) => name),
  ];
}

export const mixing: readonly Case[] = [
  {
    name: "a new session goes to the client that asks for it in a header, and to everybody else as a cookie",
    options: COOKIE_FIRST,
    async run(world) {
      const asking = await world.client().visit((session) => session.login("ada"), POST);
      assert.deepEqual(handedOut(asking), ["session-token"]);
      const silent = await world.browser().visit((session) => session.login("ada"), POST);
      assert.deepEqual(handedOut(silent), [USER]);
    },
  },
  {
    name: "of a cookie and a token the transport that is named first counts, and the other is not looked at",
    options: COOKIE_FIRST,
    async run(world) {
      const { ada, bob } = await both(world);
      const headers = { ...bob.headers, cookie: `${USER}=${ada.jar.get(USER)}` };
      for (const [transports, who, ignored] of [
        [COOKIE_FIRST, "ada", "header"],
        [HEADER_FIRST, "bob", "cookie"],
      ] as const) {
        const sessions = world.another(transports);
        world.counts.reset();
        const visited = await world
          .browser()
          .copy(sessions)
          .visit(async (session, request) => [session.userId, (await sessions.explain(request)).message], {
            headers,
          });
        const [user, message] = visited.value ?? [];
        assert.deepEqual([user, world.counts.calls], [who, { load: 1 }]);
        assert.match(message ?? "", new RegExp(`by ${ignored} as well`));
        assert.deepEqual([...visited.headers.vary].sort(), ["Authorization", "Cookie"]);
      }
    },
  },
  {
    name: "where the first one presents a dead session there is none: the other is not fallen back to",
    needs: ["noRevival"],
    options: HEADER_FIRST,
    async run(world) {
      const { ada, bob } = await both(world);
      const headers = { ...bob.headers };
      await bob.visit((session) => session.logout(), POST);
      for (const authorization of [headers.authorization, "Bearer nonsense"]) {
        const visited = await ada.visit((session) => session.userId, {
          headers: { ...headers, authorization: authorization ?? "" },
        });
        assert.equal(visited.value, null);
      }
    },
  },
  {
    name: "a page whose user has a cookie cannot make it hand out a token that scripts can read, in either order",
    options: COOKIE_FIRST,
    async run(world) {
      for (const transports of [COOKIE_FIRST, HEADER_FIRST]) {
        const ada = world.browser().copy(world.another(transports));
        await ada.visit((session) => session.login("ada"), POST);
        const script = { ...POST, headers: { "session-client": "header, rotate" } };
        const renewed = await ada.visit((session) => session.renew(), script);
        assert.deepEqual(handedOut(renewed), [USER]);
        const again = await ada.visit((session) => session.login("ada"), script);
        assert.deepEqual(handedOut(again), [USER]);
        world.clock.advance(16 * 60_000);
        assert.deepEqual(handedOut(await ada.visit((session) => session.userId, script)), [USER]);
        const out = await ada.visit((session) => session.logout(), script);
        assert.deepEqual(handedOut(out), [USER]);
        const form = world.browser().copy(world.another(transports));
        await form.visit((session) => session.csrfToken());
        const login = await form.visit((session) => session.login("ada"), script);
        assert.deepEqual([...handedOut(login)].sort(), ["__Host-Http-csrf", USER]);
      }
    },
  },
  {
    name: "with a token counting and a cookie beside it nothing is handed out, and the session goes on",
    options: HEADER_FIRST,
    async run(world) {
      const { ada, bob } = await both(world);
      const headers = { ...bob.headers, cookie: `${USER}=${ada.jar.get(USER)}` };
      for (const act of ["renew", "login"] as const) {
        const refused = await ada.visit((session) => session[act]("bob"), { ...POST, headers });
        assert.deepEqual([refused.status, refused.error?.code], [400, "UNDELIVERABLE_TOKEN"]);
        assert.deepEqual(handedOut(refused), []);
      }
      const wrote = await ada.visit((session) => session.set("seen", true), { ...POST, headers });
      assert.deepEqual([wrote.status, handedOut(wrote)], [200, []]);
      assert.equal((await bob.visit((session) => session.get("seen"))).value, true);
    },
  },
  {
    name: "a cookie beside a token brings the cross-site check with it, in either order",
    options: HEADER_FIRST,
    async run(world) {
      for (const transports of [COOKIE_FIRST, HEADER_FIRST]) {
        const sessions = world.another(transports);
        const { ada, bob } = await both(world);
        const forged = { "sec-fetch-site": "cross-site", origin: "https://evil.example" };
        const cookie = `${USER}=${ada.jar.get(USER)}`;
        const page = world.browser().copy(sessions);
        const denied = await page.visit((session) => session.set("x", 1), {
          ...POST,
          headers: { ...bob.headers, ...forged, cookie },
        });
        assert.deepEqual([denied.status, denied.error?.code], [403, "CSRF_DENIED"]);
        const silent = await bob.copy().visit((session) => session.set("x", 1), {
          ...POST,
          headers: { cookie },
        });
        assert.deepEqual([silent.status, silent.error?.code], [403, "CSRF_DENIED"]);
      }
    },
  },
  {
    name: "a client without cookies has nothing to forge: it signs in and writes from any page that CORS lets in",
    options: COOKIE_FIRST,
    async run(world) {
      const foreign = { "sec-fetch-site": "cross-site", origin: "https://app.elsewhere.example" };
      const ada = world.client();
      const login = await ada.visit((session) => session.login("ada"), { ...POST, headers: foreign });
      assert.deepEqual(handedOut(login), ["session-token"]);
      const wrote = await ada.visit((session) => session.set("x", 1), { ...POST, headers: foreign });
      assert.equal(wrote.status, 200);
      // The same request without the word would end with a cookie in that browser: a forged login.
      const forged = await world.browser().visit((session) => session.login("eve"), {
        ...POST,
        headers: foreign,
      });
      assert.equal(forged.error?.code, "CSRF_DENIED");
    },
  },
  {
    name: "what was made for a cookie is no token in a header, nor the other way round",
    options: COOKIE_FIRST,
    async run(world) {
      const { ada, bob } = await both(world);
      const why = async (headers: Record<string, string>) =>
        (
          await world
            .browser()
            .visit(
              async (session, request) => [session.userId, (await world.sessions.explain(request)).code],
              { headers },
            )
        ).value;
      const fromCookie = ada.jar.get(USER) ?? "";
      assert.deepEqual(await why({ authorization: `Bearer ${fromCookie}` }), [null, "other-transport"]);
      const fromHeader = bob.tokens.get("token") ?? "";
      assert.deepEqual(await why({ cookie: `${USER}=${fromHeader}` }), [null, "other-transport"]);
      const guessed = `${fromCookie.slice(0, 22)}${"A".repeat(42)}`;
      assert.deepEqual(await why({ authorization: `Bearer ${guessed}` }), [null, "unknown"]);
      await ada.visit((session) => session.renew(), POST);
      const renewed = ada.jar.get(USER) ?? "";
      assert.deepEqual(await why({ authorization: `Bearer ${renewed}` }), [null, "other-transport"]);
    },
  },
];
