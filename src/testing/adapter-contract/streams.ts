/** Long answers, and clients that leave. */
import assert from "node:assert/strict";
import type { Context } from "./app.ts";
import { headerOf } from "./client.ts";
import { type Case, cookiesOf, dataOf, reportsOf, stop, whoIs } from "./site.ts";

const POST = { method: "POST", headers: [["sec-fetch-site", "same-origin"]] } as const;

export const streams: readonly Case[] = [
  {
    name: "server-sent events: the head comes first, with the cookie of what was written, then one by one",
    async run({ serve }) {
      const first = stop();
      const more = stop();
      async function* events(): AsyncGenerator<string> {
        await first.wait();
        yield "data: 1\n\n";
        await more.wait();
        yield "data: 2\n\n";
      }
      const site = await serve({
        routes: {
          "/events": ({ session }) => {
            session.set("listening", true);
            return { headers: [["content-type", "text/event-stream"]], body: events() };
          },
        },
      });
      const live = site.browser().start("/events");
      const head = await live.head;
      assert.deepEqual([cookiesOf(head).length, headerOf(head, "content-type")], [1, "text/event-stream"]);
      first.release();
      assert.equal(await live.next(), "data: 1\n\n");
      more.release();
      assert.equal(await live.next(), "data: 2\n\n");
      assert.equal(await live.next(), null);
    },
  },
  {
    name: "a big streamed body comes through whole and in order behind a commit",
    async run({ serve }) {
      const texts = Array.from({ length: 256 }, (_, at) => `${at}:${"x".repeat(8_000)};`);
      async function* big(): AsyncGenerator<string> {
        yield* texts;
      }
      const site = await serve({
        routes: {
          "/big": ({ session }) => {
            session.set("item", "tea");
            return { body: big() };
          },
        },
      });
      const browser = await site.signedIn();
      assert.equal((await browser.visit("/big", POST)).body, texts.join(""));
      assert.deepEqual(await dataOf(browser), { item: "tea" });
    },
  },
  {
    name: "a client that leaves while its session is being stored hangs nothing, and the write is kept",
    async run({ serve, faults }) {
      const site = await serve();
      const browser = await site.signedIn();
      const saving = faults.park("save");
      const live = browser.start("/count", POST);
      await saving.reached;
      live.abort();
      await saving.release();
      assert.deepEqual(await dataOf(browser), { count: 1 });
      assert.equal(await whoIs(browser), "ada");
    },
  },
  {
    name: "a client that leaves while its handler runs hangs nothing, and the next one is served",
    async run({ serve }) {
      const at = stop();
      const done = stop();
      const site = await serve({
        routes: {
          "/slow": async ({ session }: Context) => {
            await at.wait();
            session.set("item", "tea");
            done.release();
            return { body: "too late" };
          },
        },
      });
      const browser = await site.signedIn();
      const live = browser.start("/slow", POST);
      await at.reached;
      live.abort();
      at.release();
      await done.wait();
      assert.equal(await whoIs(browser), "ada");
    },
  },
  {
    name: "a handler that fails in the middle of its answer cuts it short, and the server lives on",
    async run({ serve }) {
      async function* broken(): AsyncGenerator<string> {
        yield "half";
        throw new Error("boom");
      }
      const site = await serve({ routes: { "/broken": () => ({ body: broken() }) } });
      await reportsOf(async () => {
        await assert.rejects(site.browser().visit("/broken"));
      });
      assert.equal((await site.browser().visit("/hello")).body, "hello");
    },
  },
];
