/** Plain http, this machine in development, and headers that anybody can send (SECURITY A3). */
import assert from "node:assert/strict";
import type { Sessions } from "../../core/manager-types.ts";
import { createSessions } from "../../create-sessions.ts";
import { memoryStore } from "../../stores/memory.ts";
import type { Values } from "./app.ts";
import type { HeaderLine } from "./client.ts";
import { parseSetCookie } from "./http-browser.ts";
import { type Case, cookiesOf, reportsOf, USER, VISITOR, whoIs } from "./site.ts";

/** Nothing is said of origins or proxies, as in a first try on one's own machine. */
function plainSessions(mode: "production" | "development"): Sessions<Values> {
  return createSessions<Values>({ store: memoryStore(), mode, accept: ["durable"] });
}

const SPOOFS: readonly HeaderLine[] = [
  ["x-forwarded-proto", "https"],
  ["forwarded", "proto=https;host=app.example"],
  ["x-forwarded-host", "app.example"],
  ["x-forwarded-for", "127.0.0.1"],
  ["via", "1.1 proxy"],
];

export const transport: readonly Case[] = [
  {
    name: "in development plain http from this machine works, with unprefixed cookies that name the port",
    async run({ serve }) {
      await using sessions = plainSessions("development");
      const site = await serve({ sessions });
      const visitor = site.browser();
      await visitor.post("/set", { item: "tea" });
      assert.deepEqual([...visitor.jar.keys()], [`anon-${site.port}`]);
      const browser = site.browser();
      const [line = ""] = cookiesOf(await browser.post("/login", { user: "ada" }));
      assert.equal(parseSetCookie(line).attributes.has("secure"), false);
      assert.equal(browser.jar.has(`sid-${site.port}`), true);
      assert.equal(await whoIs(browser), "ada");
    },
  },
  {
    name: "a forwarding header that no declared proxy sent opens no door: nothing is read, and a write is refused",
    async run({ serve }) {
      for (const mode of ["production", "development"] as const) {
        await using sessions = plainSessions(mode);
        const site = await serve({ sessions });
        for (const spoof of SPOOFS) {
          const browser = site.browser();
          browser.jar.set(USER, "A".repeat(64)).set(VISITOR, "A".repeat(64));
          const seen = await browser.visit("/who", { headers: [spoof] });
          assert.deepEqual([seen.status, seen.body, cookiesOf(seen)], [200, "null", []]);
          const reports = await reportsOf(async () => {
            const refused = await browser.visit("/set", { form: { item: "tea" }, headers: [spoof] });
            assert.deepEqual([refused.status, cookiesOf(refused)], [500, []]);
            assert.equal(refused.body.includes("origin:"), mode === "development");
          });
          assert.equal(reports.length, 1, "whoever runs the server has to learn of it");
        }
      }
    },
  },
  {
    name: "another host than this machine's is no development",
    async run({ serve }) {
      await using sessions = plainSessions("development");
      const site = await serve({ sessions });
      await reportsOf(async () => {
        const headers: HeaderLine[] = [["host", "shop.example"]];
        const refused = await site.browser().visit("/set", { form: { item: "tea" }, headers });
        assert.deepEqual([refused.status, cookiesOf(refused)], [500, []]);
      });
    },
  },
];
