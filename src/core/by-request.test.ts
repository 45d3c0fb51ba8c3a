import { inspect } from "node:util";
import { expect, test } from "vitest";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { TestBrowser } from "../testing/browser.ts";
import { ByRequest } from "./by-request.ts";
import { exchangesOf } from "./exchange.ts";

test("what is known of a request is found by that request alone, frozen ones too", () => {
  const [one, other] = [new ByRequest<string>(), new ByRequest<string>()];
  const [plain, frozen] = [{}, Object.freeze({})];
  for (const request of [plain, frozen]) {
    expect(one.get(request)).toBeUndefined();
    one.set(request, "known");
    expect([one.get(request), other.get(request), one.get({})]).toEqual(["known", undefined, undefined]);
    one.set(request, "better known");
    expect(one.get(request)).toBe("better known");
  }
  expect([Object.keys(plain), JSON.stringify(plain)]).toEqual([[], "{}"]);
});

test("a request that is logged shows nothing of its session", async () => {
  await using sessions = createSessions<{ item: string }>({
    store: memoryStore(),
    origin: "https://app.example",
  });
  const browser = new TestBrowser(sessions);
  const shown = await browser.visit(
    async (session, request) => {
      await session.login("ada");
      session.set("item", "secret-data");
      return inspect(request, { depth: null }) + inspect(sessions.of(request), { depth: null });
    },
    { method: "POST" },
  );
  expect(shown.value).not.toMatch(/secret|Uint8Array|ada/);
});

test("what a framework puts around a request stands for it, and for it alone", async () => {
  await using sessions = createSessions({ store: memoryStore(), origin: "https://app.example" });
  const exchanges = exchangesOf(sessions);
  const context = { around: "a request" };
  await new TestBrowser(sessions).visit(async (session, request) => {
    expect(() => sessions.of(context)).toThrow(expect.objectContaining({ code: "NO_SESSION" }));
    exchanges.alias(context, request);
    expect([sessions.of(context), await sessions.open(context)]).toEqual([session, session]);
    expect(await sessions.explain(context)).toMatchObject({ code: "no-cookie" });
  });
  exchanges.alias({}, {});
  expect(() => sessions.of({})).toThrow(expect.objectContaining({ code: "NO_SESSION" }));
});
