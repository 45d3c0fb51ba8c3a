/** Clients that keep their tokens themselves, over the wire: `header()` beside or in place of cookies. */
import assert from "node:assert/strict";
import { createSessions } from "../../create-sessions.ts";
import { memoryStore } from "../../stores/memory.ts";
import { header } from "../../transports/header.ts";
import { NativeClient, type NativeClientOptions } from "../native-client.ts";
import { MINUTE } from "../session-contract/world.ts";
import type { App, Values } from "./app.ts";
import { type Answer, type HeaderLine, headerLines, headerOf } from "./client.ts";
import { type Case, cookiesOf, parked, reportsOf, type Site, stop } from "./site.ts";

const HEADER = { transports: [header()] } as const;
const BOTH = { transports: ["cookie", header()] } as const;

interface Sent {
  readonly method?: string;
  readonly form?: Readonly<Record<string, string>>;
  readonly headers?: readonly HeaderLine[];
}

/** A client without a jar, such as an application on a phone. */
class Phone {
  readonly #site: Site;
  readonly kept: NativeClient;

  constructor(site: Site, options?: NativeClientOptions) {
    this.#site = site;
    this.kept = new NativeClient({}, options);
  }

  async send(
    path: string,
    { form, method = form ? "POST" : "GET", headers = [] }: Sent = {},
  ): Promise<Answer> {
    const type: HeaderLine[] = form ? [["content-type", "application/x-www-form-urlencoded"]] : [];
    const own = Object.entries(this.kept.headers).filter(
      ([name]) => !headers.some(([given]) => given === name),
    );
    const answer = await this.#site.client.send({
      method,
      path,
      headers: [...own, ...type, ...headers],
      ...(form && { body: new URLSearchParams(form).toString() }),
    });
    this.kept.keep(answer.headers);
    return answer;
  }

  async signIn(): Promise<Answer> {
    const answer = await this.send("/login", { form: { user: "ada" } });
    assert.equal(answer.status, 200);
    return answer;
  }
}

const token = (answer: Answer): readonly string[] => headerLines(answer, "session-token");

export const held: readonly Case[] = [
  {
    name: "a client without a jar writes, signs in, renews and signs out by headers, and never sees a cookie",
    options: HEADER,
    async run({ serve }) {
      const phone = new Phone(await serve());
      const answers = [await phone.send("/set", { form: { item: "tea" } })];
      assert.deepEqual([...phone.kept.tokens.keys()], ["visitor"]);
      assert.equal((await phone.send("/data")).body, '{"item":"tea"}');
      answers.push(await phone.signIn());
      assert.deepEqual([...phone.kept.tokens.keys()], ["token"]);
      assert.equal((await phone.send("/who")).body, "ada");
      const before = phone.kept.headers.authorization ?? "";
      answers.push(await phone.send("/renew", { form: {} }));
      assert.equal((await phone.send("/who")).body, "ada");
      const old = await phone.send("/who", { headers: [["authorization", before]] });
      assert.equal(old.body, "null");
      answers.push(await phone.send("/logout", { form: {} }));
      assert.deepEqual([token(answers.at(-1) as Answer), phone.kept.tokens.size], [["none"], 0]);
      assert.deepEqual(answers.flatMap(cookiesOf), []);
    },
  },
  {
    name: "an answer that hands out a token is no-store whatever the application said, and one that reads varies",
    options: HEADER,
    async run({ serve }) {
      const site = await serve({
        routes: {
          "/page": ({ session }) => {
            session.set("seen", true);
            return { headers: [["cache-control", "public, s-maxage=60"]], body: "page" };
          },
        },
      });
      const phone = new Phone(site);
      const wrote = await phone.send("/page");
      assert.deepEqual(headerLines(wrote, "cache-control"), ["no-store"]);
      assert.deepEqual(headerLines(wrote, "session-visitor").length, 1);
      const read = await phone.send("/data");
      assert.deepEqual([headerOf(read, "vary"), token(read)], ["Authorization", []]);
      assert.match(headerOf(read, "cache-control") ?? "", /\bprivate\b/);
    },
  },
  {
    name: "a token handed out before a handler fails goes out with the failure answer",
    options: HEADER,
    async run({ serve }) {
      const site = await serve({
        routes: {
          "/broken": async ({ session }) => {
            await session.login("ada");
            throw new Error("after the login");
          },
        },
      });
      const phone = new Phone(site);
      await reportsOf(async () => {
        const failed = await phone.send("/broken", { form: {} });
        assert.deepEqual([failed.status, token(failed).length], [500, 1]);
        assert.deepEqual(headerLines(failed, "cache-control"), ["no-store"]);
      });
      assert.equal((await phone.send("/who")).body, "ada");
    },
  },
  {
    name: "a client that does not say that it keeps tokens is answered 400, and nothing is stored",
    options: HEADER,
    async run({ serve, sessions }) {
      const site = await serve();
      for (const path of ["/login", "/set"]) {
        const refused = await site.browser().post(path, { user: "ada" });
        assert.deepEqual([refused.status, cookiesOf(refused), token(refused)], [400, [], []]);
        assert.equal(JSON.parse(refused.body).error.code, "UNDELIVERABLE_TOKEN");
      }
      assert.deepEqual(await sessions.list("ada"), []);
    },
  },
  {
    name: "of two Authorization fields none is taken, wherever the good one stands; a repeated one neither",
    options: HEADER,
    async run({ serve, counts }) {
      const site = await serve();
      const phone = new Phone(site);
      await phone.signIn();
      const good = phone.kept.headers.authorization ?? "";
      counts.reset();
      for (const pair of [
        [good, good],
        [good, "Bearer x"],
        ["Basic YTpi", good],
        [good, "Basic YTpi"],
      ]) {
        const headers = pair.map((value): HeaderLine => ["authorization", value]);
        assert.equal((await site.client.send({ path: "/who", headers })).body, "null", String(pair));
      }
      assert.deepEqual(counts.calls, {});
      const headers: HeaderLine[] = [["authorization", good]];
      assert.equal((await site.client.send({ path: "/who", headers })).body, "ada");
    },
  },
  {
    name: "a token in a header of the application's choice is read there and nowhere else",
    options: { transports: [header({ request: "X-Shop-Key", name: "shop" })] },
    async run({ serve }) {
      const site = await serve();
      const phone = new Phone(site, { request: "x-shop-key", name: "shop" });
      const login = await phone.signIn();
      assert.equal(headerLines(login, "shop-token").length, 1);
      const read = await phone.send("/who");
      assert.deepEqual([read.body, headerOf(read, "vary")], ["ada", "X-Shop-Key"]);
      const key = phone.kept.tokens.get("token") ?? "";
      for (const headers of [
        [["authorization", `Bearer ${key}`]],
        [["x-shop-key", `Bearer ${key}`]],
        [
          ["x-shop-key", key],
          ["x-shop-key", key],
        ],
      ] as HeaderLine[][]) {
        assert.equal((await site.client.send({ path: "/who", headers })).body, "null");
      }
    },
  },
  {
    name: "rotation reaches the client that opted in, streams and HEAD included, and no other",
    options: HEADER,
    async run({ serve, clock }) {
      async function* pieces(): AsyncGenerator<string> {
        yield "one";
        yield "two";
      }
      const site = await serve({
        routes: {
          "/stream": ({ session }) => {
            session.requireUser();
            return { body: pieces() };
          },
        },
      });
      const phone = new Phone(site, { rotate: true });
      const plain = new Phone(site);
      for (const one of [phone, plain]) await one.signIn();
      clock.advance(16 * MINUTE);
      const head = await phone.send("/who", { method: "HEAD" });
      assert.equal(token(head).length, 1);
      const streamed = await phone.send("/stream");
      assert.deepEqual([streamed.body, token(streamed)], ["onetwo", []]);
      assert.deepEqual(token(await plain.send("/stream")), []);
      assert.equal((await plain.send("/who")).body, "ada");
    },
  },
  {
    name: "a write overtaken by a login is told 409 with its reason, and no token",
    options: HEADER,
    async run({ serve }) {
      const at = stop();
      const site = await serve({
        routes: {
          "/slow": parked(at, ({ session }) => {
            session.set("item", "milk");
            return { body: "stored" };
          }),
        },
      });
      const phone = new Phone(site);
      await phone.send("/set", { form: { item: "tea" } });
      const slow = phone.send("/slow", { form: {} });
      await at.reached;
      await phone.signIn();
      at.release();
      const late = await slow;
      assert.deepEqual([late.status, headerOf(late, "session-ended"), token(late)], [409, "replaced", []]);
      assert.equal((await phone.send("/who")).body, "ada");
    },
  },
  {
    name: "an outage is answered 503 and takes no token away",
    options: { ...HEADER, storeTimeout: "50ms" },
    async run({ serve, faults }) {
      const phone = new Phone(await serve());
      await phone.signIn();
      const recover = faults.outage();
      await reportsOf(async () => {
        for (const path of ["/private", "/logout"]) {
          const failed = await phone.send(path, { method: "POST" });
          assert.deepEqual([failed.status, token(failed)], [503, []]);
        }
      });
      recover();
      assert.equal((await phone.send("/private")).body, "ada");
    },
  },
  {
    name: "a preflight costs no store call and hands out nothing, whatever it carries",
    options: HEADER,
    async run({ serve, counts }) {
      const phone = new Phone(await serve());
      await phone.signIn();
      counts.reset();
      const answer = await phone.send("/who", { method: "OPTIONS" });
      assert.deepEqual([token(answer), counts.calls], [[], {}]);
    },
  },
  {
    name: "a cookie beside a token: the cookie counts, the cross-site check runs, and nothing goes out by header",
    options: BOTH,
    async run({ serve }) {
      const site = await serve();
      const phone = new Phone(site);
      await phone.signIn();
      const browser = await site.signedIn("bob");
      const lines: readonly HeaderLine[] = Object.entries(phone.kept.headers);
      const cookie: HeaderLine = ["cookie", browser.cookieHeader];
      assert.equal((await site.client.send({ path: "/who", headers: [...lines, cookie] })).body, "bob");
      const forged: HeaderLine[] = [...lines, cookie, ["sec-fetch-site", "cross-site"]];
      const denied = await site.client.send({ method: "POST", path: "/count", headers: forged });
      assert.deepEqual([denied.status, token(denied)], [403, []]);
      const own: HeaderLine[] = [...lines, cookie, ["sec-fetch-site", "same-origin"]];
      const renewed = await site.client.send({ method: "POST", path: "/renew", headers: own });
      assert.deepEqual([cookiesOf(renewed).length, token(renewed)], [1, []]);
      const native = await phone.send("/count", { method: "POST" });
      assert.equal(native.status, 303);
    },
  },
  {
    name: "two managers hand their tokens out in headers of their own names, and under one name they are refused",
    options: HEADER,
    async run({ serve, sessions, another }) {
      const routes: App["routes"] = {
        "/both": async ({ request }) => {
          for (const one of [sessions, staff]) await one.of(request).login("ada");
          return { body: "both" };
        },
      };
      const given = { cookie: { name: "staff" }, store: memoryStore() };
      const staff = another({ ...given, transports: [header({ name: "staff", request: "x-staff" })] });
      const site = await serve({ second: staff, routes });
      const asking: HeaderLine[] = [
        ["session-client", "header"],
        ["staff-client", "header"],
      ];
      const answer = await site.client.send({ method: "POST", path: "/both", headers: asking });
      const tokens = ["session-token", "staff-token"].map((name) => headerLines(answer, name));
      assert.deepEqual([answer.status, tokens.map((lines) => lines.length)], [200, [1, 1]]);
      assert.notDeepEqual(tokens[0], tokens[1]);
      const twin = await serve({ second: another({ ...given, ...HEADER }), routes });
      const reports = await reportsOf(async () => {
        const refused = await twin.client.send({ path: "/hello", headers: asking });
        assert.equal(refused.status, 500);
      });
      assert.match(reports.join("\n"), /header\.name/);
    },
  },
  {
    name: "over plain http nothing is read and nothing handed out, but on this machine in development it is",
    async run({ serve }) {
      const options = { ...HEADER, store: memoryStore(), accept: ["durable"] };
      await using open = createSessions<Values>({ ...options, mode: "development" });
      const here = new Phone(await serve({ sessions: open }));
      await here.signIn();
      assert.equal((await here.send("/who")).body, "ada");
      const far: HeaderLine = ["x-forwarded-proto", "https"];
      const seen = await here.send("/who", { headers: [far] });
      assert.equal(seen.body, "null");
      const reports = await reportsOf(async () => {
        const refused = await here.send("/login", { form: { user: "ada" }, headers: [far] });
        assert.deepEqual([refused.status, token(refused)], [500, []]);
      });
      assert.equal(reports.length, 1);
    },
  },
];
