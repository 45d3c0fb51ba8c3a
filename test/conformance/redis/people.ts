/** An application on Express with a counter per session, and people who use it over a real connection, one request at a time. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { expressSessions } from "../../../src/adapters/express.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";

export interface Application extends AsyncDisposable {
  readonly url: string;
}

/** Plain http from this machine, as in development. */
export async function serve(store: SessionStore, storeTimeout: number): Promise<Application> {
  const sessions = createSessions<Record<string, number>>({ store, storeTimeout });
  const app = express();
  app.use(expressSessions(sessions));
  app.post("/login/:user", async (request, response) => {
    await sessions.of(request).login(String(request.params.user));
    response.send("0");
  });
  app.post("/add", async (request, response) => {
    const session = sessions.of(request);
    session.requireUser();
    session.update("n", (n = 0) => n + 1);
    await session.save();
    response.send(String(session.get("n")));
  });
  app.post("/logout", async (request, response) => {
    await sessions.of(request).logout();
    response.send("0");
  });
  app.get("/count", (request, response) => {
    const session = sessions.of(request);
    response.send(session.userId === null ? "nobody" : String(session.get("n") ?? 0));
  });
  const server = createServer(app).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      await sessions.close();
    },
  };
}

/** Longer than any deadline of the application: what takes as long was never answered. */
const NEVER_MS = 15_000;

export class Person {
  readonly name: string;
  readonly answers = new Map<number, number>();
  /** What was answered 200, and when. */
  readonly acknowledged: { readonly n: number; readonly at: number }[] = [];
  /** 503s that said nothing about when to come back, or touched the cookie. */
  rude = 0;
  added = 0;
  #cookie = "";
  readonly #url: string;

  constructor(url: string, name: string) {
    this.#url = url;
    this.name = name;
  }

  login = (): Promise<number> => this.#post(`/login/${this.name}`);
  logout = (): Promise<number> => this.#post("/logout", false);
  add = (): Promise<number> => {
    this.added += 1;
    return this.#post("/add");
  };

  async count(): Promise<string> {
    const response = await fetch(`${this.#url}/count`, { headers: { cookie: this.#cookie } });
    return response.ok ? response.text() : `${response.status}`;
  }

  async #post(path: string, keeps = true): Promise<number> {
    const response = await fetch(this.#url + path, {
      method: "POST",
      headers: { cookie: this.#cookie, "sec-fetch-site": "same-origin" },
      signal: AbortSignal.timeout(NEVER_MS),
    });
    const text = await response.text();
    const { status, headers } = response;
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
    if (status === 200) this.acknowledged.push({ n: Number(text), at: performance.now() });
    if (status === 503 && (!headers.get("retry-after") || headers.get("set-cookie"))) this.rude += 1;
    const [pair = ""] = headers.getSetCookie().map((line) => line.split(";")[0] ?? "");
    if (keeps && pair !== "") this.#cookie = pair;
    return status;
  }
}
