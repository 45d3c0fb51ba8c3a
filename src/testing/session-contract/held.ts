/** Clients that keep their tokens themselves: what they are handed, when it changes, and what they are never handed. */
import assert from "node:assert/strict";
import type { Session } from "../../core/types.ts";
import { header } from "../../transports/header.ts";
import { gate, type Handler } from "../browser.ts";
import type { NativeClient, NativeClientOptions } from "../native-client.ts";
import type { Case } from "./case.ts";
import { MINUTE, type Values, type World } from "./world.ts";

const POST = { method: "POST" } as const;
const HEADER = { transports: [header()] } as const;

async function signedIn({ client }: World, options?: NativeClientOptions): Promise<NativeClient> {
  const ada = client(options);
  await ada.visit((session) => session.login("ada"), POST);
  return ada;
}

/** What an answer sets, without the values of tokens. */
function lines(set: readonly (readonly [name: string, value: string])[]): readonly string[] {
  return set.map(([name, value]) => (/^[\w-]{64}$/.test(value) ? name : `${name}: ${value}`));
}

export const held: readonly Case[] = [
  {
    name: "a client that keeps its tokens is handed a visitor's, then a user's in its place, and sees both taken away",
    needs: ["noRevival"],
    options: { ...HEADER, keepOnLogin: ["cart"] },
    async run({ client, sessions }) {
      const ada = client();
      const first = await ada.visit((session) => session.set("cart", ["tea"]), POST);
      assert.deepEqual([lines(first.headers.set), first.setCookies], [["session-visitor"], []]);
      assert.deepEqual((await ada.visit((session) => session.get("cart"))).value, ["tea"]);
      const visitor = ada.copy();
      const login = await ada.visit((session) => session.login("ada"), POST);
      assert.deepEqual([...lines(login.headers.set)].sort(), ["session-token", "session-visitor: none"]);
      assert.deepEqual(login.setCookies, []);
      const me = await ada.visit((session) => [session.userId, session.get("cart")]);
      assert.deepEqual([me.value, me.headers.set], [["ada", ["tea"]], []]);
      const late = await visitor.visit(async (session, request) => [
        session.userId,
        (await sessions.explain(request)).code,
      ]);
      assert.deepEqual(late.value, [null, "replaced"]);
      const thief = ada.copy();
      const logout = await ada.visit((session) => session.logout(), POST);
      assert.deepEqual([lines(logout.headers.set), ada.tokens.size], [["session-token: none"], 0]);
      assert.equal((await thief.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "an answer that hands out a token is stored by no cache, and one that reads varies with the header",
    options: HEADER,
    async run({ client }) {
      const ada = client();
      const login = await ada.visit((session) => session.login("ada"), {
        ...POST,
        cacheControl: "public, max-age=60",
      });
      assert.deepEqual([login.headers.cacheControl, login.headers.vary], ["no-store", ["Authorization"]]);
      const read = await ada.visit((session) => session.userId);
      assert.deepEqual(
        [read.headers.cacheControl, read.headers.vary],
        ["private, no-cache", ["Authorization"]],
      );
    },
  },
  {
    name: "a client that does not say so is handed nothing: login and first write are refused before anything is stored",
    options: HEADER,
    async run({ browser, counts }) {
      const silent = browser();
      const acts: readonly Handler<void>[] = [
        (session) => session.login("ada"),
        (session) => session.set("cart", ["tea"]),
      ];
      for (const act of acts) {
        const refused = await silent.visit(act, POST);
        assert.deepEqual([refused.status, refused.error?.code], [400, "UNDELIVERABLE_TOKEN"]);
        assert.deepEqual([refused.headers.set, refused.setCookies], [[], []]);
      }
      assert.equal((await silent.visit((session) => session.userId)).value, null);
      assert.deepEqual(counts.calls, {});
    },
  },
  {
    name: "a token that comes without the word opens its session and writes there, but is not renewed",
    options: HEADER,
    async run(world) {
      const ada = await signedIn(world);
      const proxied = world.browser();
      const headers = { authorization: `Bearer ${ada.tokens.get("token")}` };
      const wrote = await proxied.visit((session) => session.set("seen", true), { ...POST, headers });
      assert.deepEqual([wrote.status, wrote.headers.set], [200, []]);
      const renewed = await proxied.visit((session) => session.renew(), { ...POST, headers });
      assert.deepEqual([renewed.status, renewed.error?.code], [400, "UNDELIVERABLE_TOKEN"]);
      assert.equal((await ada.visit((session) => session.get("seen"))).value, true);
    },
  },
  {
    name: "a renewal hands the new token out at once, and the old one is dead",
    options: HEADER,
    async run(world) {
      const ada = await signedIn(world);
      const thief = ada.copy();
      const renewed = await ada.visit((session) => session.renew(), POST);
      assert.deepEqual(lines(renewed.headers.set), ["session-token"]);
      assert.equal((await ada.visit((session) => session.userId)).value, "ada");
      assert.equal((await thief.visit((session) => session.userId)).value, null);
    },
  },
  {
    name: "a renewal whose outcome nobody knows hands the new token out with the 503, and it is good",
    options: { ...HEADER, storeTimeout: "50ms" },
    async run(world) {
      const ada = await signedIn(world);
      const doubtful = await ada.visit(async (session) => {
        world.faults.next("save", "ambiguous"); // taken by the first save; its retries recognise it
        const second = world.faults.park("save", "before");
        const renewing = session.renew();
        await second.reached;
        for (let time = 0; time < 40; time++) world.faults.next("save", "ambiguous");
        await second.release();
        await renewing;
      }, POST);
      world.faults.clear();
      assert.equal(doubtful.status, 503);
      assert.deepEqual(lines(doubtful.headers.set), ["session-token"]);
      assert.equal((await ada.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: "without being asked for, no rotation: the token stays the same and costs no save, however old it is",
    options: HEADER,
    async run(world) {
      const ada = await signedIn(world);
      for (let time = 0; time < 5; time++) {
        world.clock.advance(20 * MINUTE);
        world.counts.reset();
        const visited = await ada.visit((session) => session.userId);
        assert.deepEqual([visited.value, visited.headers.set], ["ada", []]);
        assert.equal(world.counts.calls.save, undefined);
      }
    },
  },
  {
    name: "a client that opts in is offered the next token until it shows it, and the old one is served for 30 seconds",
    options: HEADER,
    async run(world) {
      const ada = await signedIn(world, { rotate: true });
      world.clock.advance(16 * MINUTE);
      const lost = await ada.visit((session) => session.userId, { lose: true });
      const old = ada.copy();
      const offered = await ada.visit((session) => session.userId);
      assert.deepEqual(lost.headers.set, offered.headers.set);
      assert.deepEqual(
        [lines(offered.headers.set), offered.headers.cacheControl],
        [["session-token"], "no-store"],
      );
      assert.deepEqual((await ada.visit((session) => session.userId)).headers.set, []);
      world.clock.advance(30_000);
      assert.equal((await old.visit((session) => session.userId)).value, "ada");
      world.clock.advance(11_000);
      assert.equal((await old.visit((session) => session.userId)).value, null);
      assert.equal((await ada.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: "opting in is a matter of each request: one without the word is offered nothing while another's offer waits",
    options: HEADER,
    async run(world) {
      const ada = await signedIn(world, { rotate: true });
      world.clock.advance(16 * MINUTE);
      const [offer] = (await ada.visit((session) => session.userId, { lose: true })).headers.set;
      assert.equal(offer?.[0], "session-token");
      assert.deepEqual((await ada.copy({}).visit((session) => session.userId)).headers.set, []);
      const shared = await ada.visit((session) => session.userId, { cacheControl: "public, max-age=60" });
      assert.deepEqual(shared.headers.set, []);
    },
  },
  {
    name: "an old token that comes back after a rotation is a sign of theft",
    needs: ["noRevival"],
    options: { ...HEADER, onTheft: "end" },
    async run(world) {
      const thefts: string[] = [];
      world.sessions.on("theft", ({ userId }) => thefts.push(userId));
      const ada = await signedIn(world, { rotate: true });
      world.clock.advance(16 * MINUTE);
      const thief = ada.copy();
      await ada.visit((session) => session.userId);
      await ada.visit((session) => session.userId);
      world.clock.advance(2 * MINUTE);
      assert.equal((await thief.visit((session) => session.userId)).value, null);
      assert.deepEqual([thefts, (await ada.visit((session) => session.userId)).value], [["ada"], null]);
    },
  },
  {
    name: "a write overtaken by a login is told 409 and is not handed anything; the token it has is left alone",
    needs: ["noRevival"],
    options: HEADER,
    async run(world) {
      const ada = world.client();
      await ada.visit((session) => session.set("cart", ["tea"]), POST);
      const slow = ada.copy();
      const [loaded, parked] = [gate(), gate()];
      const writing = slow.visit(async (session) => {
        session.get("cart");
        loaded.open();
        await parked.passed;
        session.set("cart", ["milk"]);
      }, POST);
      await loaded.passed;
      await ada.visit((session) => session.login("ada"), POST);
      parked.open();
      const { status, error, headers } = await writing;
      assert.deepEqual([status, error?.headers], [409, { "session-ended": "replaced" }]);
      assert.deepEqual([headers.set, slow.tokens.size], [[], 1]);
      const again = await slow.visit((session) => session.set("cart", ["milk"]), POST);
      assert.deepEqual([again.status, again.headers.set], [409, []]);
    },
  },
  {
    name: "a login that waits for its second factor has a token of its own, in a header of its own",
    options: HEADER,
    async run({ client, counts }) {
      const phone = client();
      const begun = await phone.visit((session) => session.beginSecondFactor("ada"), POST);
      assert.deepEqual([lines(begun.headers.set), begun.setCookies], [["session-pending"], []]);
      const pending = (session: Session<Values>) => session.pendingLogin();
      assert.equal((await phone.visit(pending)).value?.userId, "ada");
      const done = await phone.visit((session) => session.login("ada"), POST);
      assert.deepEqual([...lines(done.headers.set)].sort(), ["session-pending: none", "session-token"]);
      const stranger = client();
      counts.reset();
      const headers = { "session-pending": `${"A".repeat(63)}, x` };
      assert.equal((await stranger.visit(pending, { headers })).value, null);
      assert.deepEqual(counts.calls, {});
    },
  },
  {
    name: "an outage is a 503 that leaves the token alone, and afterwards it is good",
    options: { ...HEADER, storeTimeout: "50ms" },
    async run(world) {
      const ada = await signedIn(world);
      const recover = world.faults.outage();
      for (const act of ["logout", "renew"] as const) {
        const failed = await ada.visit((session) => session[act](), POST);
        assert.deepEqual([failed.status, failed.headers.set], [503, []]);
      }
      recover();
      assert.equal((await ada.visit((session) => session.userId)).value, "ada");
    },
  },
  {
    name: "a token cut short, doubled or of another making never reaches the store, and is told apart",
    options: HEADER,
    async run(world) {
      const ada = await signedIn(world);
      const token = ada.tokens.get("token") ?? "";
      world.counts.reset();
      const bad = [
        `Bearer ${token.slice(1)}`,
        `Bearer ${token}, Bearer ${token}`,
        `Bearer ${token},`,
        `Bearer ${token} `,
        `Bearer  ${token}=`,
        `Bearer "${token}"`,
        `Bearer ${token}\u00a0`,
        `Bearer eyJhbGciOiJub25lIn0.e30.`,
        `Bearer ${"A".repeat(100_000)}`,
        "Bearer",
        "Bearer ",
        "bearer __proto__",
      ];
      for (const authorization of bad) {
        const visited = await world.client().visit(
          async (session, request) => {
            const { code, message } = await world.sessions.explain(request);
            return [session.userId, code, message.includes("token")];
          },
          { headers: { authorization } },
        );
        assert.deepEqual(visited.value, [null, "malformed", true], authorization.slice(0, 100));
      }
      for (const authorization of [token, `Basic ${token}`, `DPoP ${token}`, `Token ${token}`, ""]) {
        const visited = await world
          .client()
          .visit(async (_, request) => (await world.sessions.explain(request)).code, {
            headers: { authorization },
          });
        assert.equal(visited.value, "no-token", authorization);
      }
      assert.deepEqual(world.counts.calls, {});
      for (const scheme of ["Bearer", "bearer", "BEARER"]) {
        const headers = { authorization: `${scheme} ${token}` };
        assert.equal((await world.client().visit((session) => session.userId, { headers })).value, "ada");
      }
    },
  },
  {
    name: "a preflight opens no session, and writes none",
    options: HEADER,
    async run(world) {
      const ada = await signedIn(world);
      world.counts.reset();
      const seen = await ada.visit((session) => session.userId, { method: "OPTIONS" });
      assert.deepEqual([seen.value, world.counts.calls], [null, {}]);
      const wrote = await ada.visit((session) => session.set("x", 1), { method: "OPTIONS" });
      assert.equal(wrote.error?.code, "NO_SESSION");
    },
  },
];
