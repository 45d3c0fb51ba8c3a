/** A small application on node:http, whose manager has little patience or much. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { withSessions } from "../../../src/adapters/node.ts";
import type { SessionOptions, Sessions } from "../../../src/core/manager-types.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { HttpBrowser } from "../../../src/testing/adapter-contract/http-browser.ts";
import { http1Client } from "../../../src/testing/adapter-contract/index.ts";
import { TEST_ORIGIN } from "../../../src/testing/browser.ts";

type Values = Record<string, unknown>;

export interface Shop extends AsyncDisposable {
  readonly sessions: Sessions<Values>;
  /** One that has the cookies of `other`, or none. */
  browser(other?: HttpBrowser): HttpBrowser;
}

/** `POST /login?ada`, `POST /add`, `POST /fill`, `POST /logout`, `GET /who`, `GET /count`, and `GET /hello` without a session. */
export async function openShop(store: SessionStore, options: Partial<SessionOptions<Values>>): Promise<Shop> {
  const sessions = createSessions<Values>({
    store,
    origin: TEST_ORIGIN,
    mode: "production",
    accept: ["hsts"],
    ...options,
  });
  const server = createServer(
    withSessions<Values>(sessions, async (request, response) => {
      const [path = "", query = ""] = (request.url ?? "").split("?");
      if (path === "/hello") return void response.end("hello");
      const session = sessions.of(request);
      if (path === "/login") await session.login(query);
      if (path === "/logout") await session.logout();
      if (path === "/add") session.update("count", (count) => Number(count ?? 0) + 1);
      if (path === "/fill") session.set("filling", randomBytes(20_000).toString("base64"));
      response.end(String(path === "/count" ? session.get("count") : session.userId));
    }),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = http1Client({ port: (server.address() as AddressInfo).port });
  return {
    sessions,
    browser: (other) => new HttpBrowser(client, other?.jar),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await sessions.close();
    },
  };
}
