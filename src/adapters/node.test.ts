import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test, vi } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { type Client, headerOf } from "../testing/adapter-contract/client.ts";
import { http1Client } from "../testing/adapter-contract/http1-client.ts";
import { withSessions } from "./node.ts";

type Data = { item: string };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  vi.restoreAllMocks();
});

function madeSessions(): Sessions<Partial<Data>> {
  const sessions = createSessions<Data>({
    store: memoryStore(),
    origin: "https://app.example",
    mode: "production",
    accept: ["durable"],
  });
  cleanUps.push(() => sessions.close());
  return sessions;
}

async function serve(listener: RequestListener): Promise<Client> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return http1Client({ port: (server.address() as AddressInfo).port });
}

test("a skip that throws is a 500 that is reported, never the end of the process", async () => {
  const report = vi.spyOn(console, "error").mockImplementation(() => {});
  const skip = (): never => {
    throw new URIError("malformed");
  };
  const client = await serve(withSessions(madeSessions(), (_, response) => response.end("ran"), { skip }));
  const answer = await client.send({ path: "/%" });
  expect([answer.status, headerOf(answer, "cache-control")]).toEqual([500, "no-store"]);
  expect(report.mock.calls).toEqual([[expect.any(URIError)]]);
});

test("a handler of a skipped request that throws is a 500 too, sooner or later", async () => {
  const report = vi.spyOn(console, "error").mockImplementation(() => {});
  const handlers = [
    () => {
      throw new Error("at once");
    },
    async () => {
      throw new Error("later");
    },
    (_request: unknown, _response: unknown, session: { readonly id: string }) => session.id,
  ];
  for (const handler of handlers) {
    const client = await serve(withSessions(madeSessions(), handler, { skip: () => true }));
    expect((await client.send({ path: "/" })).status).toBe(500);
  }
  expect(report).toHaveBeenCalledTimes(3);
});

test("a promise of another realm is waited for as well", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const handler = (): unknown => runInNewContext("(async () => { throw new Error('boom') })()");
  const client = await serve(withSessions(madeSessions(), handler));
  expect((await client.send({ path: "/" })).status).toBe(500);
});

test("the session a handler is given is that of sessions.of", async () => {
  const sessions = madeSessions();
  const client = await serve(
    withSessions(sessions, (request, response, session) =>
      response.end(String(sessions.of(request) === session)),
    ),
  );
  expect((await client.send({ path: "/" })).body).toBe("true");
});
