/** Tokens in addresses: what goes over, to whom, how often, and everything that is refused (SECURITY T2, T3, T4, T6). */
import assert from "node:assert/strict";
import type { SessionEvents } from "../../core/event-types.ts";
import type { UrlOptions } from "../../core/types.ts";
import { header } from "../../transports/header.ts";
import { type Handler, TEST_ORIGIN, type TestBrowser, type Visited, type VisitOptions } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE, type Values, type World } from "./world.ts";

const POST = { method: "POST" } as const;
const PAY = "https://pay.example";
const AT_PAY = { headers: { host: "pay.example" } } as const;
const USER = "__Host-Http-sid";
const VISITOR = "__Host-Http-anon";
const OPTIONS = { origin: [TEST_ORIGIN, PAY], url: {}, keepOnLogin: ["cart"] } as const;

function addressOf(
  { sessions }: Pick<World, "sessions">,
  tab: Pick<TestBrowser, "visit">,
  to = `${PAY}/welcome?step=1`,
  options: UrlOptions<Values> = {},
): Promise<Visited<string>> {
  return tab.visit((_, request) => sessions.url(request, to, options));
}

/** Opens an address in a browser, as the route it leads to does. */
function open(
  { sessions }: Pick<World, "sessions">,
  tab: TestBrowser,
  address: string | undefined,
  options: VisitOptions = AT_PAY,
) {
  const path = (address ?? "").slice(new URL(address ?? "").origin.length);
  return tab.visit((_, request) => sessions.arrive(request, path), options);
}

const tokenIn = (address: string | undefined): string =>
  new URL(address ?? "").searchParams.get("session") ?? "";

async function visitorWithCart({ browser }: World): Promise<TestBrowser> {
  const tab = browser();
  await tab.visit((session) => {
    session.set("cart", ["tea"]);
    session.set("theme", "dark");
  }, POST);
  return tab;
}

async function signedIn(world: World): Promise<TestBrowser> {
  const tab = world.browser();
  const visited = await tab.visit(async (session) => {
    await session.login("ada", { label: "Laptop" });
    session.set("cart", ["tea"]);
    session.set("secret", "ada's");
  }, POST);
  assert.equal(visited.status, 200);
  return tab;
}

function refusals({ sessions }: World): SessionEvents["urlRefused"][] {
  const seen: SessionEvents["urlRefused"][] = [];
  sessions.on("urlRefused", (detail) => seen.push(detail));
  return seen;
}

export const addresses: readonly Case[] = [
  {
    name: "a visitor's named keys go over to another origin of ours, into a fresh session of a fresh cookie, once",
    options: OPTIONS,
    async run(world) {
      const tab = await visitorWithCart(world);
      const { value: address } = await addressOf(world, tab);
      assert.match(address ?? "", /^https:\/\/pay\.example\/welcome\?step=1&session=[\w-]{64}$/);
      const there = world.browser();
      const arrived = await open(world, there, address);
      assert.deepEqual(arrived.value, { location: "/welcome?step=1", refused: null });
      const here = await tab.visit((session) => [session.id, session.get("cart")]);
      const seen = await there.visit((session) => [
        session.id,
        session.get("cart"),
        session.get("theme"),
        session.userId,
      ]);
      assert.deepEqual(seen.value?.slice(1), [["tea"], undefined, null]);
      assert.deepEqual(here.value?.[1], ["tea"]);
      const cookie = there.jar.get(VISITOR) ?? "";
      const token = tokenIn(address);
      assert.notEqual(seen.value?.[0], here.value?.[0]);
      assert.notEqual(cookie.slice(0, 22), token.slice(0, 22));
      assert.notEqual(cookie.slice(22), token.slice(22));
      const again = await open(world, world.browser(), address);
      assert.deepEqual(again.value, { location: "/welcome?step=1", refused: "used" });
      assert.deepEqual(again.setCookies, []);
    },
  },
  {
    name: "being signed in goes over only where it is asked for by name, and proves nothing anew",
    needs: ["userIndex"],
    options: { ...OPTIONS, absoluteTimeout: "1h" },
    async run(world) {
      const tab = await signedIn(world);
      const there = world.browser();
      await open(world, there, (await addressOf(world, tab)).value);
      const visitor = await there.visit((session) => [
        session.userId,
        session.get("cart"),
        session.get("secret"),
      ]);
      assert.deepEqual(visitor.value, [null, ["tea"], undefined]);
      world.clock.advance(10 * MINUTE);
      const before = (await tab.visit((session) => [session.authenticatedAt, session.id])).value;
      const signed = world.browser();
      const asked = await addressOf(world, tab, `${PAY}/welcome`, { signedIn: true, keep: ["secret"] });
      assert.equal((await open(world, signed, asked.value)).value?.refused, null);
      const me = await signed.visit((session) => [
        session.userId,
        session.get("secret"),
        session.authenticatedAt,
      ]);
      assert.deepEqual(me.value, ["ada", "ada's", before?.[0]]);
      assert.equal((await signed.visit((session) => session.requireFresh())).error?.code, "STALE_LOGIN");
      const [info, ...others] = await world.sessions.list("ada");
      assert.deepEqual([info?.label, others.length], ["Laptop", 1]);
      assert.notEqual(info?.id, before?.[1]);
      world.clock.advance(29 * MINUTE);
      await signed.visit((session) => session.userId);
      world.clock.advance(22 * MINUTE);
      assert.equal(
        (await signed.visit((session) => session.userId)).value,
        null,
        "an hour after the login it is over",
      );
    },
  },
  {
    name: "nobody arrives signed in below the level that the profile over there asks for",
    options: OPTIONS,
    async run(world) {
      const strict = { ...world, sessions: world.another({ profile: "aal2" }) };
      const low = await signedIn(world);
      const high = world.browser();
      await high.visit((session) => session.login("ada", { level: 2 }), POST);
      for (const [tab, refused, userId] of [
        [low, "below-profile", null],
        [high, null, "ada"],
      ] as const) {
        const there = world.browser().copy(strict.sessions);
        const { value: address } = await addressOf(world, tab, `${PAY}/welcome`, { signedIn: true });
        const arrived = await there.visit(async (session, request) => {
          const path = (address ?? "").slice(PAY.length);
          return [(await strict.sessions.arrive(request, path)).refused, session.userId];
        }, AT_PAY);
        assert.deepEqual(arrived.value, [refused, userId]);
      }
    },
  },
  {
    name: "a login makes an end of what came by address: a new id, a new secret, and the old ones dead",
    needs: ["noRevival"],
    options: OPTIONS,
    async run(world) {
      const there = world.browser();
      const { value: address } = await addressOf(world, await visitorWithCart(world));
      await open(world, there, address);
      const came = there.copy();
      const before = (await there.visit((session) => session.id)).value;
      await there.visit((session) => session.login("ada"), POST);
      const after = (await there.visit((session) => [session.id, session.userId, session.get("cart")])).value;
      assert.deepEqual(after?.slice(1), ["ada", ["tea"]]);
      assert.notEqual(after?.[0], before);
      assert.equal((await came.visit((session) => session.has("cart"))).value, false);
      assert.equal((await open(world, world.browser(), address)).value?.refused, "used");
    },
  },
  {
    name: "another path, another origin, too late, cut short, doubled, made up: refused with the reason, and told",
    needs: ["noRevival"],
    options: OPTIONS,
    async run(world) {
      const told = refusals(world);
      const tab = await visitorWithCart(world);
      const fresh = async (): Promise<string> => (await addressOf(world, tab)).value ?? "";
      const unknown = `${PAY}/welcome?session=${"A".repeat(64)}`;
      const attempts: readonly (readonly [reason: string, address: string, options?: VisitOptions])[] = [
        ["route", (await fresh()).replace("/welcome", "/Welcome")],
        ["route", (await fresh()).replace("/welcome", "/welcome/")],
        ["audience", await fresh(), {}],
        ["audience", await fresh(), { headers: { host: "pay.example:8443" } }],
        ["malformed", (await fresh()).slice(0, -1)],
        ["malformed", `${await fresh()}&session=x`],
        ["malformed", `${await fresh()}&%73ession=${tokenIn(await fresh())}`],
        ["unknown", unknown],
        ["unknown", (await fresh()).replace(/.{42}$/, "B".repeat(42))],
      ];
      for (const [reason, address, options] of attempts) {
        const arrived = await open(world, world.browser(), address, options);
        assert.deepEqual([arrived.value?.refused, arrived.setCookies], [reason, []]);
        assert.doesNotMatch(arrived.value?.location ?? "", /session|[\w-]{40}/);
      }
      const late = await fresh();
      world.clock.advance(MINUTE);
      assert.equal((await open(world, world.browser(), late)).value?.refused, "expired");
      assert.deepEqual(
        told.map(({ reason, id }) => [reason, id]),
        [...attempts.map(([reason]) => [reason, null]), ["expired", null]],
      );
    },
  },
  {
    name: "a token that was shown in the wrong place is good nowhere any more",
    options: OPTIONS,
    async run(world) {
      const { value: address = "" } = await addressOf(world, await visitorWithCart(world));
      await open(world, world.browser(), address.replace("/welcome", "/elsewhere"));
      assert.equal((await open(world, world.browser(), address)).value?.refused, "used");
    },
  },
  {
    name: "it dies with the session it came from: by logout, by login, by revocation",
    needs: ["noRevival", "revokeUser", "userIndex"],
    options: OPTIONS,
    async run(world) {
      const [visitor, ada] = [await visitorWithCart(world), await signedIn(world)];
      const asVisitor = await addressOf(world, visitor);
      await visitor.visit((session) => session.login("bob"), POST);
      assert.equal((await open(world, world.browser(), asVisitor.value)).value?.refused, "ended");
      const signed = { signedIn: true };
      const first = await addressOf(world, ada, `${PAY}/welcome`, signed);
      world.clock.advance(1);
      await world.sessions.revokeAll("ada");
      const revoked = await open(world, world.browser(), first.value);
      assert.deepEqual([revoked.value?.refused, revoked.setCookies], ["revoked", []]);
      world.clock.advance(1);
      const again = await signedIn(world);
      const second = await addressOf(world, again, `${PAY}/welcome`, signed);
      await again.visit((session) => session.logout(), POST);
      assert.equal((await open(world, world.browser(), second.value)).value?.refused, "ended");
      assert.deepEqual(await world.sessions.list("ada"), []);
    },
  },
  {
    name: "a revocation between the look and the creation wins over an arrival, by a process with a late clock too",
    needs: ["revokeUser", "userIndex"],
    options: OPTIONS,
    async run(world) {
      const address = await addressOf(world, await signedIn(world), `${PAY}/welcome`, { signedIn: true });
      const late = world.another({ clock: () => world.clock.now() - MINUTE });
      const creating = world.faults.park("create", "before");
      const arriving = open(world, world.browser(), address.value);
      await creating.reached;
      await late.revokeAll("ada");
      await creating.release();
      const { value, setCookies } = await arriving;
      assert.deepEqual([value?.refused, setCookies, await world.sessions.list("ada")], ["revoked", [], []]);
    },
  },
  {
    name: "a browser that has a session keeps it: the cookie wins, the token is spent, and the mismatch is an event",
    options: OPTIONS,
    async run(world) {
      const told = refusals(world);
      const address = await addressOf(world, await signedIn(world), `${PAY}/welcome`, { signedIn: true });
      const bob = world.browser();
      await bob.visit((session) => session.login("bob"), POST);
      const arrived = await open(world, bob, address.value);
      assert.deepEqual(arrived.value, { location: "/welcome", refused: "other-session" });
      const me = (await bob.visit((session) => [session.userId, session.id, session.has("secret")])).value;
      assert.deepEqual([me?.[0], me?.[2]], ["bob", false]);
      assert.deepEqual(told, [{ reason: "other-session", id: me?.[1], userId: "bob" }]);
      assert.equal((await open(world, world.browser(), address.value)).value?.refused, "used");
    },
  },
  {
    name: "the browser that made the address may open it: its own session goes on, and nothing is handed out",
    options: OPTIONS,
    async run(world) {
      const ada = await signedIn(world);
      const address = await addressOf(world, ada, "/welcome", { signedIn: true });
      const before = (await ada.visit((session) => session.id)).value;
      const arrived = await open(world, ada, address.value, {});
      assert.deepEqual([arrived.value, arrived.setCookies], [{ location: "/welcome", refused: null }, []]);
      assert.equal((await ada.visit((session) => session.id)).value, before);
    },
  },
  {
    name: "of two that open an address at once one arrives",
    needs: ["cas"],
    options: OPTIONS,
    async run(world) {
      const { value: address } = await addressOf(world, await visitorWithCart(world));
      const [one, other] = [world.browser(), world.browser()];
      const saving = world.faults.park("save", "before");
      const first = open(world, one, address);
      await saving.reached;
      const second = await open(world, other, address);
      await saving.release();
      const outcomes = [(await first).value?.refused, second.value?.refused];
      assert.deepEqual(outcomes, ["used", null]);
      assert.deepEqual([one.jar.size, other.jar.size], [0, 1]);
    },
  },
  {
    name: "a lost answer of the store spends no token in vain, and an outage leaves it good",
    options: { ...OPTIONS, storeTimeout: "50ms" },
    async run(world) {
      const tab = await visitorWithCart(world);
      const { value: address } = await addressOf(world, tab);
      const recover = world.faults.outage();
      const failed = await open(world, world.browser(), address);
      assert.deepEqual([failed.status, failed.setCookies], [503, []]);
      recover();
      for (const operation of ["save", "create"] as const) world.faults.next(operation, "ambiguous");
      const arrived = await open(world, world.browser(), address);
      assert.deepEqual([arrived.status, arrived.value?.refused], [200, null]);
    },
  },
  {
    name: "what runs ahead of a visit or beside it is answered 425 and spends nothing",
    options: OPTIONS,
    async run(world) {
      const { value: address } = await addressOf(world, await visitorWithCart(world));
      const beside: readonly VisitOptions[] = [
        { method: "HEAD" },
        { method: "POST" },
        { headers: { "sec-purpose": "prefetch" } },
        { headers: { "sec-purpose": "prefetch;prerender" } },
        { headers: { purpose: "prefetch" } },
        { headers: { "x-moz": "prefetch" } },
        { headers: { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" } },
        { headers: { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" } },
        { headers: { "sec-fetch-mode": "cors", "sec-fetch-dest": "empty" } },
      ];
      for (const { headers, ...options } of beside) {
        const stopped = await open(world, world.browser(), address, {
          ...options,
          headers: { ...AT_PAY.headers, ...headers },
        });
        assert.deepEqual([stopped.status, stopped.error?.code, stopped.setCookies], [425, "NOT_A_VISIT", []]);
        assert.equal(stopped.headers.cacheControl, "no-store");
      }
      const navigation = {
        "sec-fetch-mode": "navigate",
        "sec-fetch-dest": "document",
        "sec-fetch-site": "cross-site",
      };
      const arrived = await open(world, world.browser(), address, {
        headers: { ...AT_PAY.headers, ...navigation },
      });
      assert.equal(arrived.value?.refused, null);
    },
  },
  {
    name: "answers that make, take or refuse such an address are kept by no cache and named in no Referer",
    options: OPTIONS,
    async run(world) {
      const told = (visited: Visited<unknown>): unknown => [
        visited.headers.cacheControl,
        visited.headers.set,
      ];
      const hidden = ["no-store", [["referrer-policy", "no-referrer"]]];
      const made = await addressOf(world, await visitorWithCart(world));
      assert.deepEqual(told(made), hidden);
      assert.deepEqual(told(await open(world, world.browser(), made.value)), hidden);
      assert.deepEqual(told(await open(world, world.browser(), made.value)), hidden);
      assert.deepEqual(told(await open(world, world.browser(), made.value, { ...POST, ...AT_PAY })), hidden);
      const plain = await open(world, world.browser(), `${PAY}/welcome?step=1`);
      assert.deepEqual([plain.value, plain.headers.set], [{ location: null, refused: null }, []]);
    },
  },
  {
    name: "a visitor with nothing to hand over gets the address as it is, at no cost; what was just written goes over",
    options: OPTIONS,
    async run(world) {
      const stranger = world.browser();
      const plain = await addressOf(world, stranger);
      assert.deepEqual([plain.value, world.counts.calls], [`${PAY}/welcome?step=1`, {}]);
      const { value: address } = await stranger.visit(async (session, request) => {
        session.set("cart", ["cake"]);
        return world.sessions.url(request, `${PAY}/welcome`);
      }, POST);
      const there = world.browser();
      await open(world, there, address);
      assert.deepEqual((await there.visit((session) => session.get("cart"))).value, ["cake"]);
    },
  },
  {
    name: "an address of somebody else's, or with a name and password, gets no token",
    options: { ...OPTIONS, origin: TEST_ORIGIN, url: { to: [PAY], lifetime: "5m", parameter: "go" } },
    async run(world) {
      const tab = await visitorWithCart(world);
      for (const to of [
        "https://evil.example/",
        "//evil.example/welcome",
        "https://pay.example.evil.example/",
        "http://pay.example/",
        "https://pay.example:8443/",
        "https://ada:pw@pay.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        `${PAY}/?go=1`,
      ]) {
        const refused = await addressOf(world, tab, to);
        assert.equal(refused.error?.code, "INVALID_ARGUMENT", to);
      }
      assert.match(
        (await addressOf(world, tab, `${PAY}/x?a=1#part`)).value ?? "",
        /^https:\/\/pay\.example\/x\?a=1&go=[\w-]{64}#part$/,
      );
      assert.match((await addressOf(world, tab, "/own")).value ?? "", /^https:\/\/app\.example\/own\?go=/);
    },
  },
  {
    name: "the address to go on at is the same one without the token, and never another site's",
    options: OPTIONS,
    async run(world) {
      for (const [path, clean] of [
        ["/a?x=1&session=t&y=%26%20", "/a?x=1&y=%26%20"],
        ["/a?session=t", "/a"],
        ["/a?session", "/a"],
        ["/a?sessions=t&session=", "/a?sessions=t"],
        ["https://evil.example/a?session=t", "/a"],
        ["https://evil.example//evil.example/a?session=t", "/evil.example/a"],
        ["//evil.example/a?session=t", "/a"],
        ["/\\evil.example/a?session=t", "/a"],
      ] as const) {
        const { value } = await world
          .browser()
          .visit((_, request) => world.sessions.arrive(request, path), AT_PAY);
        assert.deepEqual(value, { location: clean, refused: "malformed" }, path);
      }
    },
  },
  {
    name: "a client without cookies is not followed by address: behind the redirect it is a stranger",
    options: OPTIONS,
    async run(world) {
      const { value: address } = await addressOf(world, await visitorWithCart(world));
      const cookieless = world.browser();
      const arrived = await cookieless.visit(
        (_, request) => world.sessions.arrive(request, (address ?? "").slice(PAY.length)),
        { ...AT_PAY, lose: true },
      );
      assert.deepEqual([arrived.value?.location, arrived.setCookies.length], ["/welcome?step=1", 1]);
      const next = await cookieless.visit((session) => [session.isNew, session.has("cart")], AT_PAY);
      assert.deepEqual([next.value, next.setCookies], [[true, false], []]);
    },
  },
  {
    name: "a client that keeps its tokens hands its user over to a browser, and takes none from an address itself",
    options: { ...OPTIONS, transports: ["cookie", header()] },
    async run(world) {
      const phone = world.client();
      await phone.visit((session) => session.login("ada"), POST);
      const make = (): Promise<Visited<string>> =>
        addressOf(world, { visit: (handler) => phone.visit(handler) }, `${PAY}/welcome`, { signedIn: true });
      const browser = world.browser();
      await open(world, browser, (await make()).value);
      assert.deepEqual([...browser.jar.keys()], [USER]);
      assert.equal((await browser.visit((session) => session.userId)).value, "ada");
      const path = ((await make()).value ?? "").slice(PAY.length);
      const taken = await world.client().visit((_, request) => world.sessions.arrive(request, path), AT_PAY);
      assert.deepEqual([taken.value?.refused, taken.headers.set.length], ["transport", 1]);
    },
  },
  {
    name: "without the option nothing is put into an address, and none is looked at",
    options: { keepOnLogin: ["cart"] },
    async run(world) {
      const tab = await visitorWithCart(world);
      world.counts.reset();
      const acts: readonly Handler<unknown>[] = [
        (_, request) => world.sessions.url(request, "/welcome"),
        (_, request) => world.sessions.arrive(request, `/welcome?session=${"A".repeat(64)}`),
      ];
      for (const act of acts) {
        assert.equal((await world.browser().visit(act)).error?.code, "INVALID_ARGUMENT");
      }
      assert.deepEqual(world.counts.calls, {});
      assert.equal((await tab.visit((session) => session.has("cart"))).value, true);
    },
  },
];
