/** What harnesses over node:http2 (compatibility API) share: the server, and what HTTP/2 does not have. */
import type { Server } from "node:http";
import { createServer, type Http2ServerRequest, type Http2ServerResponse } from "node:http2";
import type { AdapterHarness, Served } from "../../../src/testing/index.ts";
import { NODE_SHAPES } from "../../../src/testing/index.ts";
import { http2Client } from "./http2-client.ts";
import { listen } from "./neutral.ts";

export const HTTP2_SHAPES = NODE_SHAPES.filter((shape) => !shape.endsWith("message"));

export const HTTP2_LACKS: AdapterHarness["lacks"] = {
  "upgrade requests": "HTTP/2 has no Upgrade; extended CONNECT does not reach request listeners",
};

export async function serveHttp2(
  listener: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): Promise<Served> {
  const server = createServer(listener);
  const open = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    open.add(session);
    session.once("close", () => open.delete(session));
  });
  const port = await listen(server as unknown as Server);
  return {
    port,
    client: http2Client(port),
    async [Symbol.asyncDispose]() {
      for (const session of open) session.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}
