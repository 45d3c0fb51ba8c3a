import { expect, test } from "vitest";
import { withSessions } from "../adapters/fetch.ts";
import { taggedJson } from "../codecs/tagged-json.ts";
import { UndecodableError } from "../errors.ts";
import { createSessions } from "../index.ts";
import { memoryStore } from "../stores/memory.ts";

const ORIGIN = "https://shop.example";

/** An application whose codec counts what it decodes and can be told to fail. */
function shop() {
  const told = { decoded: 0, fails: false };
  const sessions = createSessions({
    store: memoryStore(),
    origin: ORIGIN,
    codec: {
      ...taggedJson,
      decode(bytes, context) {
        told.decoded += 1;
        if (told.fails) throw new UndecodableError("it was told to");
        return taggedJson.decode(bytes, context);
      },
    },
  });
  const serve = withSessions(sessions, async (request, session) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/login") await session.login("ada");
    if (pathname === "/session") return Response.json([session.userId, session.isNew]);
    return new Response("ok");
  });
  const ask = async (path: string, cookie: string): Promise<Response> =>
    serve(new Request(ORIGIN + path, { headers: { cookie } }));
  const signIn = async (): Promise<string> => {
    const [line = ""] = (await ask("/login", "")).headers.getSetCookie();
    return line.split(";", 1).join();
  };
  return { told, sessions, serve, ask, signIn };
}

test("the data of a session that nobody uses is not decoded", async () => {
  const { told, ask, signIn } = shop();
  const cookie = await signIn();
  await ask("/picture", cookie);
  expect(told.decoded).toBe(0);
  await ask("/session", cookie);
  expect(told.decoded).toBe(1);
});

test("data that cannot be decoded is a fresh session to whoever looks, and told", async () => {
  const { told, sessions, ask, signIn } = shop();
  const cookie = await signIn();
  const reasons: string[] = [];
  sessions.on("undecodable", ({ reason }) => reasons.push(reason));
  sessions.on("rejected", ({ reason }) => reasons.push(`rejected: ${reason}`));
  told.fails = true;
  const answer = await ask("/session", cookie);
  expect(await answer.json()).toEqual([null, true]);
  expect(reasons).toEqual(["damaged", "rejected: undecodable"]);
});

test("where a visitor's cookie came too, that session counts instead", async () => {
  const { told, ask, signIn } = shop();
  const cookie = await signIn();
  told.fails = true;
  await ask("/picture", `${cookie}; ${cookie.replace("-sid=", "-anon=")}`);
  expect(told.decoded).toBe(1);
});

test("who hears of it may look at the session, and hears of it once", async () => {
  const { told, sessions, serve, signIn } = shop();
  const cookie = await signIn();
  const request = new Request(`${ORIGIN}/session`, { headers: { cookie } });
  const seen: (string | null)[] = [];
  sessions.on("undecodable", () => void seen.push(sessions.of(request).userId));
  told.fails = true;
  await serve(request);
  expect(seen).toEqual([null]);
});
