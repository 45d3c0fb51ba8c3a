/**
 * A request from the browser's side: it leaves with the cookies of that moment, a process serves it, and its answer
 * comes back some time, in any order, or never. Between begin and finish runs the handler, as in an adapter.
 */
import type { RequestView } from "../../src/core/request.ts";
import type { Session } from "../../src/core/types.ts";
import { SojournError } from "../../src/errors.ts";
import type { Jar } from "./jar.ts";
import { ORIGIN, type Process } from "./process.ts";
import { caller } from "./store-call.ts";
import { watchCookies, watchEntry } from "./watch.ts";
import type { World, Write } from "./world.ts";

export type Handle = Session<Record<string, unknown>>;

export interface Visit {
  readonly name: string;
  sawAt: number;
  /** `null` while it is under way. */
  status: number | "crashed" | null;
  /** What `explain` said when the handler started. */
  found: string;
  userId: string | null;
  /** The answer never arrived. */
  isLost: boolean;
  /** The cookies it was sent with, and the session id among them that it was let into. */
  presented: readonly string[];
  id: string | null;
  write: Write | null;
}

/** Answers with a status, 200 if it says none. */
export type Handler = (session: Handle, visit: Visit) => number | void | Promise<number | void>;

export interface Sending {
  readonly jar?: Jar;
  readonly process?: Process;
  /** The answer may get lost. */
  readonly mayLose?: boolean;
}

const RULES = { csrfExempt: null, lazy: false } as const;

/** Starts a request as a party of its own. */
export function request(world: World, name: string, handler: Handler, sending: Sending = {}): Visit {
  const visit = newVisit(world, name);
  world.party(() => send(world, visit, handler, sending));
  return visit;
}

/** Sends a request and waits for its answer. */
export async function visitNow(
  world: World,
  name: string,
  handler: Handler,
  sending: Sending = {},
): Promise<Visit> {
  const visit = newVisit(world, name);
  await send(world, visit, handler, sending);
  return visit;
}

function newVisit(world: World, name: string): Visit {
  const visit: Visit = {
    name,
    sawAt: 0,
    status: null,
    found: "",
    userId: null,
    isLost: false,
    presented: [],
    id: null,
    write: null,
  };
  world.visits.push(visit);
  return visit;
}

async function send(world: World, visit: Visit, handler: Handler, sending: Sending): Promise<void> {
  const { jar = world.browser, process = world.process(visit.name) } = sending;
  const reading = { area: "jar", keys: [jar.name], wide: false, writes: false } as const;
  await world.reach(visit.name, "send", reading, process);
  visit.presented = jar.values;
  const served = caller.run(visit, () => serve(world, process, visit, jar.header, handler));
  const lines = await Promise.race([served, process.crashed]);
  if (!lines) {
    visit.status = "crashed";
    if (visit.write) visit.write.status = "crashed";
    return;
  }
  if (sending.mayLose && world.chooser.pick(2) === 1) {
    world.trace.push(`(the answer of ${visit.name} is lost)`);
    visit.isLost = true;
    return;
  }
  await world.reach(visit.name, `answer ${visit.status}`, { ...reading, writes: lines.length > 0 });
  jar.apply(lines);
}

async function serve(
  world: World,
  process: Process,
  visit: Visit,
  cookie: string | undefined,
  handler: Handler,
): Promise<readonly string[] | undefined> {
  if (!process.isAlive) return undefined;
  const key = {};
  const exchange = process.exchanges.open(key, viewOf(cookie), RULES);
  const conclude = (status: number): void => {
    if (process.isAlive) visit.status ??= status;
  };
  const answer = async (): Promise<readonly string[]> => {
    try {
      await exchange.begin();
      const session = process.sessions.of(key);
      visit.found = (await process.sessions.explain(key)).code;
      visit.id = session.isNew ? null : session.id;
      visit.userId = session.userId;
      watchEntry(world, visit);
      const status = (await handler(session, visit)) ?? 200;
      if (world.rules.mutant?.answersFirst) visit.status = status;
      const { cookies } = await exchange.finish({ status, cacheControl: undefined });
      conclude(status);
      return cookies;
    } catch (error) {
      if (!(error instanceof SojournError)) throw error;
      conclude(error.status);
      return exchange.refuse(error).cookies;
    }
  };
  const lines = await answer();
  if (!process.isAlive) return undefined;
  if (visit.write) visit.write.status = visit.status;
  watchCookies(world, lines);
  const dead =
    world.rules.mutant?.clearsDead && visit.id === null && cookie !== undefined && lines.length === 0;
  return dead ? clearing(cookie) : lines;
}

function clearing(cookie: string): readonly string[] {
  return cookie.split("; ").map((pair) => `${pair.slice(0, pair.indexOf("="))}=; Max-Age=0`);
}

export function viewOf(cookie: string | undefined): RequestView {
  const headers: Readonly<Record<string, string | undefined>> = {
    cookie,
    origin: ORIGIN,
    "sec-fetch-site": "same-origin",
  };
  return {
    method: "POST",
    header: (name) => headers[name],
    encrypted: true,
    peer: "192.0.2.1",
    host: "model.example",
    upgrade: false,
  };
}
