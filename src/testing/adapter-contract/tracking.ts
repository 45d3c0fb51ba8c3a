/** Cookies and cost: what is set, when, with which attributes, and how often the store is asked. */
import assert from "node:assert/strict";
import { headerOf } from "./client.ts";
import { parseSetCookie } from "./http-browser.ts";
import { type Case, cookiesOf, dataOf, inBoth, USER, VISITOR, whoIs } from "./site.ts";

export const tracking: readonly Case[] = [
  {
    name: "a visitor who does nothing costs no cookie, no header and no store call",
    async run({ serve, counts }) {
      const site = await serve();
      const answer = await site.browser().visit("/hello");
      assert.deepEqual([answer.status, answer.body, cookiesOf(answer)], [200, "hello", []]);
      assert.deepEqual([headerOf(answer, "vary"), headerOf(answer, "cache-control")], [undefined, undefined]);
      assert.deepEqual(counts.calls, {});
    },
  },
  {
    name: "a visitor whose page looks at the session gets no cookie and costs no store call",
    async run({ serve, counts }) {
      const answer = await (await serve()).browser().visit("/data");
      assert.deepEqual([answer.body, cookiesOf(answer)], ["{}", []]);
      assert.deepEqual(counts.calls, {});
    },
  },
  {
    name: "the first write sets exactly one cookie, the visitor's, with every attribute that protects it",
    async run({ serve }) {
      const browser = (await serve()).browser();
      const lines = cookiesOf(await browser.post("/set", { item: "tea" }));
      assert.equal(lines.length, 1);
      const { name, value, attributes } = parseSetCookie(lines[0] ?? "");
      assert.deepEqual([name, /^[\w-]{64}$/.test(value)], [VISITOR, true]);
      assert.deepEqual(
        new Set(attributes.keys()),
        new Set(["max-age", "path", "secure", "httponly", "samesite"]),
      );
      assert.deepEqual([attributes.get("path"), attributes.get("samesite")], ["/", "Lax"]);
      assert.equal(Number(attributes.get("max-age")), 30 * 24 * 60 * 60);
      assert.deepEqual(await dataOf(browser), { item: "tea" });
      assert.deepEqual(cookiesOf(await browser.post("/set", { item: "milk" })), []);
    },
  },
  {
    name: "login sets the sign-in cookie until the browser closes, and takes the visitor's away",
    async run({ serve }) {
      const browser = (await serve()).browser();
      await browser.post("/set", { item: "tea" });
      const lines = cookiesOf(await browser.post("/login", { user: "ada" })).map(parseSetCookie);
      const ages = new Map(lines.map(({ name, attributes }) => [name, attributes.get("max-age")]));
      assert.equal(lines.length, 2);
      assert.deepEqual([ages.get(VISITOR), ages.has(USER), ages.get(USER)], ["0", true, undefined]);
      assert.deepEqual([...browser.jar.keys()], [USER]);
      assert.equal(await whoIs(browser), "ada");
    },
  },
  {
    name: "a remembered login keeps its cookie for the absolute lifetime",
    async run({ serve }) {
      const answer = await (await serve()).browser().post("/login", { user: "ada", remember: "on" });
      const [line = ""] = cookiesOf(answer);
      assert.equal(parseSetCookie(line).attributes.get("max-age"), String(90 * 24 * 60 * 60));
    },
  },
  {
    name: "logout ends the session and takes the cookie away with the attributes it was set with",
    async run({ serve }) {
      const site = await serve();
      const browser = site.browser();
      const [set = ""] = cookiesOf(await browser.post("/login", { user: "ada" }));
      const thief = browser.copy();
      const [cleared = ""] = cookiesOf(await browser.post("/logout"));
      const protections = (line: string): unknown =>
        [...parseSetCookie(line).attributes].filter(([key]) => key !== "max-age" && key !== "expires");
      assert.deepEqual(protections(cleared), protections(set));
      assert.equal(browser.jar.size, 0);
      assert.equal(await whoIs(thief), "null");
    },
  },
  {
    name: "a renewal hands out a new cookie at once, and the old one is dead",
    async run({ serve }) {
      const browser = await (await serve()).signedIn();
      const thief = browser.copy();
      await browser.post("/renew");
      assert.deepEqual([await whoIs(browser), await whoIs(thief)], ["ada", "null"]);
    },
  },
  {
    name: "a read costs one store call and sets no cookie, a write one read and one write",
    async run({ serve, counts }) {
      const browser = await (await serve()).signedIn();
      counts.reset();
      assert.deepEqual(cookiesOf(await browser.visit("/who")), []);
      assert.deepEqual(counts.calls, { load: 1 });
      counts.reset();
      assert.deepEqual(cookiesOf(await browser.post("/set", { item: "tea" })), []);
      assert.deepEqual(counts.calls, { load: 1, save: 1 });
    },
  },
  {
    name: "junk in our cookie costs no store call, is answered as a visitor's, and is left where it is",
    async run({ serve, counts }) {
      const site = await serve();
      for (const junk of [
        "x",
        "../../etc/passwd",
        "%00",
        "__proto__",
        "A".repeat(64).slice(1),
        `"${"A".repeat(64)}"`,
      ]) {
        const browser = site.browser();
        browser.jar.set(USER, junk).set(VISITOR, junk);
        const answer = await browser.visit("/who");
        assert.deepEqual([answer.status, answer.body, cookiesOf(answer)], [200, "null", []], junk);
      }
      assert.deepEqual(counts.calls, {});
    },
  },
  {
    name: "a well-formed cookie of no session costs one read, and a write never takes its id over",
    async run({ serve, counts }) {
      const browser = (await serve()).browser();
      const unknown = "A".repeat(64);
      browser.jar.set(USER, unknown);
      const answer = await browser.visit("/who");
      assert.deepEqual([answer.body, cookiesOf(answer), counts.calls], ["null", [], { load: 1 }]);
      const [line = ""] = cookiesOf(await browser.post("/set", { item: "tea" }));
      assert.equal(parseSetCookie(line).value.startsWith("A".repeat(20)), false);
    },
  },
  {
    name: "of several cookies of our name the valid one is used, wherever it stands",
    async run({ serve }) {
      const site = await serve();
      const victim = (await site.signedIn()).jar.get(USER) ?? "";
      const dead = "A".repeat(64);
      for (const [first, second] of inBoth(victim, dead)) {
        const cookie = `${USER}=${first}; other=1; ${USER}=${second}`;
        const answer = await site.browser().visit("/who", { headers: [["cookie", cookie]] });
        assert.equal(answer.body, "ada");
      }
    },
  },
  {
    name: "an attacker's visitor cookie beside a sign-in cookie changes nothing",
    async run({ serve }) {
      const site = await serve();
      const attacker = site.browser();
      await attacker.post("/set", { item: "bait" });
      const victim = (await site.signedIn()).jar.get(USER) ?? "";
      for (const pair of inBoth(`${USER}=${victim}`, `${VISITOR}=${attacker.jar.get(VISITOR)}`)) {
        const answer = await site.browser().visit("/who", { headers: [["cookie", pair.join("; ")]] });
        assert.equal(answer.body, "ada");
      }
    },
  },
  {
    name: "cookies that come in several header fields are read as one",
    async run({ serve }) {
      const site = await serve();
      const token = (await site.signedIn()).jar.get(USER) ?? "";
      const answer = await site.browser().visit("/who", {
        headers: [
          ["cookie", "a=1"],
          ["cookie", `${USER}=${token}`],
          ["cookie", "b=2"],
        ],
      });
      assert.equal(answer.body, "ada");
    },
  },
];
