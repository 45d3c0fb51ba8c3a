/** Whole requests without a framework: the exchange that every adapter drives, on the memory store. */

import { exchangesOf } from "../../src/core/exchange.ts";
import type { Exchange, HeaderChanges } from "../../src/core/exchange-contract.ts";
import type { Session } from "../../src/core/types.ts";
import { createSessions } from "../../src/create-sessions.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { signedIn } from "../../src/testing/signed-in.ts";
import { ofHalfKilobyte } from "../shared/samples.ts";
import { type Group, inTurn, type Piece } from "./piece.ts";
import { ORIGIN, viewOf } from "./views.ts";

const SESSIONS = 1000;
const RULES = { csrfExempt: null, lazy: false };
const ANSWER = { status: 200, cacheControl: undefined };

type Data = Record<string, unknown>;
type Headers = Readonly<Record<string, string>>;
type Handler = (session: Session<Data>) => unknown;

export async function requests(): Promise<Group> {
  const sessions = createSessions<Data>({
    store: memoryStore({ maxSessions: 1_000_000 }),
    origin: ORIGIN,
    mode: "production",
    accept: ["durable", "hsts"],
  });
  const exchanges = exchangesOf(sessions);
  const browsers: Headers[] = [];
  for (let at = 0; at < SESSIONS; at++) browsers.push(await signedIn(sessions, `user-${at}`, ofHalfKilobyte));
  const next = inTurn(browsers);
  const fromOurPage = { origin: ORIGIN, "sec-fetch-site": "same-origin" };

  const open = (method: string, headers: Headers): Exchange =>
    exchanges.open({}, viewOf(method, headers), RULES);
  async function request(method: string, headers: Headers, handler: Handler): Promise<HeaderChanges> {
    const exchange = open(method, headers);
    await exchange.begin();
    await handler(exchange.session as Session<Data>);
    return exchange.finish(ANSWER);
  }
  /** Nothing has to be waited for without a token: adapters do not, so neither does this. */
  function withoutToken(handler: Handler): unknown {
    const exchange = open("GET", { accept: "text/html" });
    if (exchange.begin() instanceof Promise) throw new Error("it waits without a token");
    handler(exchange.session as Session<Data>);
    return exchange.finish(ANSWER);
  }
  const signedInPiece = (name: string, method: string, handler: Handler): Piece => ({
    name: `request: ${name}`,
    act: () => request(method, next(), handler),
  });
  let count = 0;
  return {
    title: "Requests",
    pieces: [
      { name: "request: no token, session not asked for", act: () => withoutToken(() => {}) },
      { name: "request: no token, session read", act: () => withoutToken((session) => session.get("theme")) },
      signedInPiece("signed in, session not asked for", "GET", () => {}),
      signedInPiece("signed in, one value read", "GET", (session) => session.get("theme")),
      signedInPiece("signed in, one value written", "POST", (session) => session.set("visits", ++count)),
      signedInPiece("signed in, a form rendered", "GET", (session) => session.csrfToken()),
      {
        name: "request: login, then logout",
        async act() {
          const { cookies } = await request("POST", fromOurPage, (session) =>
            session.login(`user-${++count}`),
          );
          const cookie = cookies.map((line) => line.slice(0, line.indexOf(";"))).join("; ");
          return request("POST", { ...fromOurPage, cookie }, (session) => session.logout());
        },
      },
    ],
  };
}
