/** A token that comes in a body which is read after the request began. */
import { afterEach, describe, expect, test } from "vitest";
import { requestView } from "../../test/support/request-view.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { signedIn } from "../testing/signed-in.ts";
import { exchangesOf } from "./exchange.ts";
import type { Exchange } from "./exchange-contract.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

type Data = { item: string };

/** A form that our own page sent from a browser without Fetch Metadata. */
async function posted({ lazy = false, headers = {} } = {}) {
  const sessions = createSessions<Data>({ store: memoryStore(), origin: "https://app.example" });
  cleanUps.push(() => sessions.close());
  const { cookie = "" } = await signedIn(sessions, "ada", { item: "tea" });
  const exchanges = exchangesOf(sessions);
  const open = async (method: string): Promise<[object, Exchange]> => {
    const view = requestView({ method, headers: { cookie, origin: "https://app.example", ...headers } });
    const request = {};
    const exchange = exchanges.open(request, view, { csrfExempt: null, lazy });
    await exchange.begin("later");
    return [request, exchange];
  };
  const [reading] = await open("GET");
  if (lazy) await sessions.open(reading);
  const token = sessions.of(reading).csrfToken();
  const [request, exchange] = await open("POST");
  return { sessions, exchange, request, token };
}

const denied = expect.objectContaining({ code: "CSRF_DENIED", reason: "token_missing" });

describe("a request whose token stands in a body not yet read", () => {
  test("is read before it is judged, and stores what it wrote when it passed", async () => {
    const { sessions, exchange, request, token } = await posted();
    expect(sessions.of(request).userId).toBe("ada");
    sessions.of(request).set("item", "milk");
    await exchange.judgeBody(() => token);
    await sessions.of(request).save();
    await exchange.finish({ status: 200, cacheControl: undefined });
    expect(sessions.of(request).get("item")).toBe("milk");
  });

  test.each([undefined, "guess"])("is refused with the token %s, and stays refused", async (token) => {
    const { sessions, exchange, request } = await posted();
    await expect(exchange.judgeBody(() => token)).rejects.toThrow(
      expect.objectContaining({ code: "CSRF_DENIED", reason: token ? "token_invalid" : "token_missing" }),
    );
    expect(() => sessions.of(request)).toThrow(expect.objectContaining({ code: "CSRF_DENIED" }));
  });

  test.each(["login", "renew", "logout", "save"] as const)(
    "refuses %s before it was judged",
    async (verb) => {
      const { sessions, request } = await posted();
      const session = sessions.of(request);
      await expect(verb === "login" ? session.login("eve") : session[verb]()).rejects.toThrow(denied);
      expect(await sessions.list("ada")).toHaveLength(1);
      expect(await sessions.list("eve")).toEqual([]);
    },
  );

  test("refuses what acts while the token is being read, and nothing after a good one", async () => {
    const { sessions, exchange, request, token } = await posted();
    const session = sessions.of(request);
    const read = Promise.withResolvers<string>();
    const judged = Promise.resolve(exchange.judgeBody(() => read.promise));
    await expect(session.logout()).rejects.toThrow(denied);
    read.resolve(token);
    await judged;
    await session.logout();
    expect(await sessions.list("ada")).toEqual([]);
  });

  test("is free to act after a good token, whatever was refused before it was read", async () => {
    const { sessions, exchange, request, token } = await posted();
    const session = sessions.of(request);
    await expect(session.renew()).rejects.toThrow(denied);
    await exchange.judgeBody(() => token);
    await session.renew();
    expect(session.userId).toBe("ada");
  });

  test("refuses an answer that would store something, and lets one pass that would not", async () => {
    const writing = await posted();
    writing.sessions.of(writing.request).set("item", "milk");
    await expect(writing.exchange.finish({ status: 303, cacheControl: undefined })).rejects.toThrow(denied);
    const reading = await posted();
    expect(reading.sessions.of(reading.request).get("item")).toBe("tea");
    const answer = await reading.exchange.finish({ status: 303, cacheControl: undefined });
    expect(answer.cookies).toEqual([]);
  });

  test("with lazy is judged when it is opened, by the body if that was read meanwhile", async () => {
    const { sessions, exchange, request, token } = await posted({ lazy: true });
    await exchange.judgeBody(() => token);
    expect((await sessions.open(request)).userId).toBe("ada");
    const early = await posted({ lazy: true });
    expect((await early.sessions.open(early.request)).userId).toBe("ada");
    await expect(early.exchange.judgeBody(() => undefined)).rejects.toThrow(denied);
  });
});

test("a token in the header is judged at once", async () => {
  await expect(posted({ headers: { "x-csrf-token": "guess" } })).rejects.toThrow(
    expect.objectContaining({ reason: "token_invalid" }),
  );
});
