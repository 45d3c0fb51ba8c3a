/** A small application on node:http or node:https, and a way to be signed in to it. */
import { createServer, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { onTestFinished } from "vitest";
import { withSessions } from "../../../src/adapters/node.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import type { Session, SessionOptions } from "../../../src/index.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { type Line, RawClient, TLS_SERVER } from "./raw-http.ts";

type Data = Record<string, unknown>;
type Route = (session: Session<Data>) => string | Promise<string>;

const ROUTES: Readonly<Record<string, Route>> = {
  "/": (session) => session.userId ?? "nobody",
  "/login": (session) => session.login("ada").then(() => "signed in"),
  "/logout": (session) => session.logout().then(() => "signed out"),
  "/cart": (session) => {
    session.set("cart", ["apple"]);
    return "stored";
  },
  "/token": (session) => session.csrfToken(),
  "/act": (session) => `acted as ${session.userId ?? "nobody"}`,
};

export interface ShopOptions {
  readonly sessions: Omit<SessionOptions<Data>, "store">;
  readonly tls?: boolean;
  /** Cookies of the application itself, on every answer. */
  readonly ownCookies?: readonly string[];
}

export async function openShop({ sessions, tls = false, ownCookies = [] }: ShopOptions): Promise<RawClient> {
  const manager = createSessions<Data>({ store: memoryStore(), accept: ["durable"], ...sessions });
  const listener: RequestListener = withSessions(manager, async (request, response, session) => {
    const route = ROUTES[(request.url ?? "/").split("?")[0] ?? "/"];
    const body = await route?.(session as Session<Data>);
    response.setHeader("content-type", "text/plain");
    for (const line of ownCookies) response.appendHeader("set-cookie", line);
    response.end(body ?? "not found");
  });
  const server = tls
    ? createTlsServer({ ...TLS_SERVER, maxHeaderSize: 256 * 1024 }, listener)
    : createServer({ maxHeaderSize: 256 * 1024 }, listener);
  await new Promise<void>((done) => {
    server.listen(0, "127.0.0.1", done);
  });
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((done) => {
      server.close(done);
    });
    await manager.close();
  });
  return new RawClient(server, { tls });
}

/** The pair `name=value` of a Set-Cookie line. */
export function pairOf(line: string | undefined): string {
  return (line ?? "").split(";")[0] ?? "";
}

/** Signs in with these headers and gives the Cookie header of the session. */
export async function signIn(client: RawClient, headers: readonly Line[]): Promise<string> {
  const { status, setCookies, body } = await client.send("POST", "/login", [
    ...headers,
    ["sec-fetch-site", "same-origin"],
  ]);
  const line = setCookies.find((text) => /sid/.test(pairOf(text)));
  if (status !== 200 || !line) throw new Error(`login answered ${status}: ${body}`);
  return pairOf(line);
}
