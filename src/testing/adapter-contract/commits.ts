/** Commit before the answer: whatever a response looks like, it is on its way only when its session is stored. */
import assert from "node:assert/strict";
import type { Context, Reply, Route } from "./app.ts";
import { headerLines, headerOf } from "./client.ts";
import { type Case, cookiesOf, dataOf, type Scene, stop } from "./site.ts";

const OWN_COOKIES = ["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2030 07:28:00 GMT", "c=3"];

/** Replies to a write, whatever framework sends them. */
const REPLIES: Readonly<Record<string, Reply>> = {
  "a page": { body: "stored" },
  "a redirect": { status: 303, headers: [["location", "/data"]] },
  "no content": { status: 204 },
  "not modified": { status: 304, headers: [["etag", '"1"']] },
  "a client error": { status: 422, body: "no" },
  "a stream": { body: pieces("sto", "red") },
};

async function* pieces(...texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

const writing =
  (reply: Reply): Route =>
  ({ session }) => {
    session.set("item", "tea");
    const { body } = reply;
    return typeof body === "object" ? { ...reply, body: pieces("sto", "red") } : reply;
  };

/** The answer must not begin before the store has the write, and must be whole afterwards. */
async function isHeldBack({ serve, faults }: Scene, reply: Reply): Promise<void> {
  const site = await serve({ routes: { "/write": writing(reply) } });
  const browser = await site.signedIn();
  const saving = faults.park("save");
  const live = browser.start("/write", { method: "POST", headers: [["sec-fetch-site", "same-origin"]] });
  await saving.reached;
  let hasBegun = false;
  const head = live.head.then((begun) => {
    hasBegun = true;
    return begun;
  });
  await site.browser().visit("/hello"); // by now a head that was sent would have come
  assert.equal(hasBegun, false, "the answer began before its session was stored");
  await saving.release();
  const { status, headers } = await head;
  assert.equal(status, reply.status ?? 200);
  for (const [name, value] of reply.headers ?? [])
    assert.ok(headerLines({ headers }, name).includes(value), name);
  let body = "";
  for (let piece = await live.next(); piece !== null; piece = await live.next()) body += piece;
  assert.equal(body, typeof reply.body === "object" ? "stored" : (reply.body ?? ""));
  assert.deepEqual(await dataOf(browser), { item: "tea" });
}

/** The first write of a visitor: our cookie stands beside the application's own. */
async function keepsCookies({ serve }: Scene, reply: Reply): Promise<void> {
  const headers = [...OWN_COOKIES.map((line) => ["set-cookie", line] as const), ["x-own", "1"] as const];
  const site = await serve({ routes: { "/write": writing({ ...reply, headers }) } });
  const browser = site.browser();
  const answer = await browser.visit("/write", { method: "POST" });
  assert.deepEqual(cookiesOf(answer).slice(0, 3), OWN_COOKIES);
  assert.deepEqual([cookiesOf(answer).length, headerOf(answer, "x-own")], [4, "1"]);
  assert.deepEqual(await dataOf(browser), { item: "tea" });
}

export function commitsFor(shapes: readonly Reply["shape"][]): readonly Case[] {
  const sent = Object.entries(REPLIES).map(([name, reply]) => [name, reply] as const);
  const shaped = shapes.map((shape) => [`a page by ${shape}`, { body: "stored", shape } as Reply] as const);
  return [
    ...[...sent, ...shaped].flatMap(([name, reply]): readonly Case[] => [
      {
        name: `what a handler wrote is stored before its answer begins: ${name}`,
        run: (scene) => isHeldBack(scene, reply),
      },
    ]),
    ...[["its own way", { body: "stored" }] as const, ...shaped].map(
      ([name, reply]): Case => ({
        name: `the application's own cookies and headers survive ours: ${name}`,
        run: (scene) => keepsCookies(scene, reply),
      }),
    ),
    ...always,
  ];
}

const always: readonly Case[] = [
  {
    name: "a thrown redirect counts as a returned one",
    needs: "thrown responses",
    run: (scene) => isHeldBack(scene, { status: 303, headers: [["location", "/data"]], thrown: true }),
  },
  {
    name: "HEAD is answered like GET, without the body",
    async run({ serve }) {
      const site = await serve({ routes: { "/page": writing({ body: "stored" }) } });
      const answer = await site.browser().visit("/page", { method: "HEAD" });
      assert.deepEqual([answer.status, answer.body, cookiesOf(answer).length], [200, "", 1]);
    },
  },
  {
    name: "a status of 500 or above stores nothing of what the handler wrote",
    async run({ serve }) {
      const site = await serve({ routes: { "/write": writing({ status: 500, body: "no" }) } });
      const visitor = site.browser();
      assert.deepEqual(cookiesOf(await visitor.visit("/write", { method: "POST" })), []);
      const user = await site.signedIn();
      assert.equal((await user.visit("/write", { method: "POST" })).status, 500);
      assert.deepEqual(await dataOf(user), {});
    },
  },
  {
    name: "the cookie of an awaited login goes out with an error page too",
    async run({ serve }) {
      const failing: Route = async ({ session }) => {
        await session.login("ada");
        session.set("item", "tea");
        return { status: 500, body: "sorry" };
      };
      const browser = (await serve({ routes: { "/failing": failing } })).browser();
      const answer = await browser.visit("/failing", { method: "POST" });
      assert.deepEqual([answer.status, answer.body], [500, "sorry"]);
      assert.equal((await browser.visit("/who")).body, "ada");
      assert.deepEqual(await dataOf(browser), {});
    },
  },
  {
    name: "a login that was started and not awaited is waited for, and answered with its cookie",
    async run({ serve }) {
      const careless: Route = ({ session }) => {
        void session.login("ada");
        return { body: "welcome" };
      };
      const browser = (await serve({ routes: { "/careless": careless } })).browser();
      await browser.visit("/careless", { method: "POST" });
      assert.equal((await browser.visit("/who")).body, "ada");
    },
  },
  {
    name: "a write after the headers left fails loudly, inside the handler, and stores nothing",
    async run({ serve }) {
      async function* late({ session }: Context): AsyncGenerator<string> {
        yield "first ";
        try {
          session.set("item", "late");
          yield "stored";
        } catch (error) {
          yield (error as { code: string }).code;
        }
      }
      const site = await serve({ routes: { "/late": (context) => ({ body: late(context) }) } });
      const browser = await site.signedIn();
      assert.equal((await browser.visit("/late")).body, "first HEADERS_SENT");
      assert.deepEqual(await dataOf(browser), {});
    },
  },
  {
    name: "two requests that write at the same time both count",
    async run({ serve }) {
      const stops = [stop(), stop()] as const;
      const parked =
        (at: number): Route =>
        async ({ session }) => {
          await stops[at]?.wait();
          session.set(`from${at}`, true);
          session.update("count", (count) => (typeof count === "number" ? count : 0) + 1);
          return { body: "stored" };
        };
      const site = await serve({ routes: { "/first": parked(0), "/second": parked(1) } });
      const browser = await site.signedIn();
      const answers = [
        browser.visit("/first", { method: "POST" }),
        browser.visit("/second", { method: "POST" }),
      ];
      await Promise.all(stops.map(({ reached }) => reached));
      for (const { release } of stops) release();
      for (const { status } of await Promise.all(answers)) assert.equal(status, 200);
      assert.deepEqual(await dataOf(browser), { from0: true, from1: true, count: 2 });
    },
  },
];
