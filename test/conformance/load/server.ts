// One of several server processes on one store. Its clock shows what the referee says.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { withSessions } from "../../../src/adapters/node.ts";
import type { Session } from "../../../src/core/types.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import { TEST_ORIGIN } from "../../../src/testing/browser.ts";
import { connect, type Place } from "./place.ts";

export interface Setup {
  readonly place: Place;
  readonly now: number;
}

/** What `/me` says of the session of somebody signed in; of others only that. */
export interface Me {
  readonly userId: string | null;
  readonly id: string | null;
  readonly count: number;
}

type Data = Record<string, unknown>;

process.once("message", (setup: Setup) => void serve(setup));

async function serve({ place, now }: Setup): Promise<void> {
  let time = now;
  const { store, disconnect } = connect(place);
  const sessions = createSessions<Data>({
    store,
    origin: TEST_ORIGIN,
    clock: () => time,
    storeTimeout: "10s", // of a machine that has much else to do
    absoluteTimeout: "30d",
  });
  const me = (session: Session<Data>): Me => ({
    userId: session.userId,
    id: session.userId === null ? null : session.id,
    count: Number(session.get("count") ?? 0),
  });
  const acts: Readonly<Record<string, (session: Session<Data>, user: string) => unknown>> = {
    "/me": me,
    async "/login"(session, user) {
      await session.login(user, { ticket: await sessions.beginLogin(user) });
      return me(session);
    },
    "/count"(session) {
      session.requireUser();
      session.update("count", (count) => Number(count ?? 0) + 1);
    },
    async "/renew"(session) {
      session.requireUser();
      await session.renew();
    },
    async "/logout"(session) {
      session.requireUser();
      await session.logout();
    },
    "/end-others": (session) => sessions.revokeAll(session.requireUser(), { except: session.id ?? "" }),
  };
  const handler = async (request: IncomingMessage, response: ServerResponse, session: Session<Data>) => {
    const { pathname, searchParams } = new URL(request.url ?? "", TEST_ORIGIN);
    const answer = await acts[pathname]?.(session, searchParams.get("user") ?? "");
    response.end(JSON.stringify(answer ?? null));
  };
  const server = createServer(withSessions(sessions, handler)).listen(0, "127.0.0.1");
  await Promise.all([once(server, "listening"), sessions.ready()]);
  process.send?.((server.address() as AddressInfo).port);
  process.on("message", (later: number | "end") => {
    if (later === "end") return void end();
    time = later;
    process.send?.(later);
  });

  async function end(): Promise<void> {
    server.close();
    server.closeAllConnections();
    await sessions.close();
    await disconnect();
    process.send?.("end");
    process.disconnect();
  }
}
