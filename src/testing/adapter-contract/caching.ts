/** What caches are told (SECURITY H1, H2). */
import assert from "node:assert/strict";
import type { Context, Route } from "./app.ts";
import { type HeaderLine, headerLines, headerOf } from "./client.ts";
import { type Case, cookiesOf } from "./site.ts";

const page =
  (use: (context: Context) => unknown, ...headers: HeaderLine[]): Route =>
  (context) => {
    use(context);
    return { headers, body: "page" };
  };

export const caching: readonly Case[] = [
  {
    name: "an answer that sets a cookie is stored by no cache, whatever the application said",
    async run({ serve }) {
      const site = await serve({
        routes: {
          "/page": page(
            ({ session }) => session.set("item", "tea"),
            ["cache-control", "public, s-maxage=31536000"],
          ),
        },
      });
      const answer = await site.browser().visit("/page");
      assert.equal(cookiesOf(answer).length, 1);
      assert.deepEqual(headerLines(answer, "cache-control"), ["no-store"]);
    },
  },
  {
    name: "an answer whose handler looked at the session in any way is private and varies with the cookie",
    async run({ serve }) {
      const looks: readonly ((context: Context) => unknown)[] = [
        ({ session }) => session.get("item"),
        ({ session }) => session.has("item"),
        ({ session }) => session.keys(),
        ({ session }) => session.userId,
        ({ session }) => session.isNew,
        ({ session }) => session.flashes(),
      ];
      for (const look of looks) {
        const browser = await (await serve({ routes: { "/page": page(look) } })).signedIn();
        const answer = await browser.visit("/page");
        assert.match(headerOf(answer, "cache-control") ?? "", /\bprivate\b/, String(look));
        assert.equal(headerOf(answer, "vary"), "Cookie", String(look));
      }
    },
  },
  {
    name: "the application's own word on caching a page that only reads is left as it is",
    async run({ serve }) {
      const own = page(({ session }) => session.get("item"), ["cache-control", "private, max-age=60"]);
      const answer = await (await (await serve({ routes: { "/page": own } })).signedIn()).visit("/page");
      assert.deepEqual(headerLines(answer, "cache-control"), ["private, max-age=60"]);
      assert.equal(headerOf(answer, "vary"), "Cookie");
    },
  },
  {
    name: "Vary is added to, said once, and left alone where it says everything",
    async run({ serve }) {
      for (const [given, expected] of [
        ["Accept-Encoding", "Accept-Encoding, Cookie"],
        ["accept, cookie", "accept, cookie"],
        ["*", "*"],
      ] as const) {
        const own = page(({ session }) => session.get("item"), ["vary", given]);
        const answer = await (await (await serve({ routes: { "/page": own } })).signedIn()).visit("/page");
        assert.equal(headerOf(answer, "vary"), expected);
      }
    },
  },
];
