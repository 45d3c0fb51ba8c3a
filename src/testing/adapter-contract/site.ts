/** What each case starts from: a world of sessions, and the application served in it. */
import assert from "node:assert/strict";
import type { SessionOptions, Sessions } from "../../core/manager-types.ts";
import { memoryStore } from "../../stores/memory.ts";
import { gate } from "../browser.ts";
import { inWorld, type World } from "../session-contract/world.ts";
import type { AdapterHarness, App, Context, Feature, Reply, Route, Served, Values } from "./app.ts";
import { type AnswerHead, headerLines } from "./client.ts";
import { HttpBrowser } from "./http-browser.ts";

export const USER = "__Host-Http-sid";
export const VISITOR = "__Host-Http-anon";

export interface Case {
  readonly name: string;
  readonly needs?: Feature;
  /** Options of the manager, beside the world's own. */
  readonly options?: Partial<SessionOptions<Values>>;
  run(scene: Scene): Promise<void>;
}

export interface Scene extends World {
  readonly harness: AdapterHarness;
  /** Serves an application until the case is over. Routes of a few common errands are there beside the case's own. */
  serve(app?: Partial<App>): Promise<Site>;
}

export interface Site extends Served {
  browser(): HttpBrowser;
  /** A browser in which `userId` is signed in. */
  signedIn(userId?: string): Promise<HttpBrowser>;
}

/** Runs a case; closes its servers and its store, whatever happens. */
export function inScene(harness: AdapterHarness, { options = {}, run }: Case): Promise<void> {
  return inWorld({ open: async () => memoryStore() }, options, async (world) => {
    const open: Served[] = [];
    const serve = async (app: Partial<App> = {}): Promise<Site> => {
      const sessions: Sessions<Values> = app.sessions ?? world.sessions;
      const served = await harness.serve({
        options: {},
        ...app,
        sessions,
        routes: { ...ERRANDS, ...app.routes },
      });
      open.push(served);
      return siteOf(served);
    };
    try {
      await run({ ...world, harness, serve });
    } finally {
      await Promise.all(open.map((served) => served[Symbol.asyncDispose]()));
    }
  });
}

function siteOf(served: Served): Site {
  const browser = (): HttpBrowser => new HttpBrowser(served.client);
  return {
    client: served.client,
    port: served.port,
    browser,
    async signedIn(userId = "ada") {
      const signing = browser();
      assert.equal((await signing.post(`/login?${userId}`, { user: userId })).status, 200);
      return signing;
    },
    [Symbol.asyncDispose]: () => served[Symbol.asyncDispose](),
  };
}

/** What most cases need a visitor to do. */
const ERRANDS: Readonly<Record<string, Route>> = {
  "/hello": () => ({ body: "hello" }),
  "/who": ({ session }) => ({ body: String(session.userId) }),
  "/data": ({ session }) => ({ body: JSON.stringify(Object.fromEntries(session.entries())) }),
  "/private": ({ session }) => ({ body: session.requireUser() }),
  "/login": async ({ session, form }) => {
    const { user = "ada", remember } = await form();
    await session.login(user, { remember: remember === "on" });
    return { body: "signed in" };
  },
  "/logout": async ({ session }) => {
    await session.logout();
    return { body: "signed out" };
  },
  "/renew": async ({ session }) => {
    await session.renew();
    return { body: "renewed" };
  },
  "/set": async ({ session, form }) => {
    for (const [key, value] of Object.entries(await form())) session.set(key, value);
    return { body: "stored" };
  },
  "/count": ({ session }) => {
    session.update("count", (count) => (typeof count === "number" ? count : 0) + 1);
    return { status: 303, headers: [["location", "/data"]] };
  },
};

/** The data of a browser's session. */
export async function dataOf(browser: HttpBrowser): Promise<unknown> {
  const answer = await browser.visit("/data");
  assert.equal(answer.status, 200);
  return JSON.parse(answer.body);
}

export async function whoIs(browser: HttpBrowser): Promise<string> {
  const answer = await browser.visit("/who");
  assert.equal(answer.status, 200);
  return answer.body;
}

export function cookiesOf(answer: Pick<AnswerHead, "headers">): readonly string[] {
  return headerLines(answer, "set-cookie");
}

/** A place in a handler where its request waits until the case lets it go on. */
export interface Stop {
  /** For the handler. */
  wait(): Promise<void>;
  /** Resolves when a request waits there. */
  readonly reached: Promise<void>;
  release(): void;
}

export function stop(): Stop {
  const arrived = gate();
  const leaving = gate();
  return {
    reached: arrived.passed,
    release: leaving.open,
    async wait() {
      arrived.open();
      await leaving.passed;
    },
  };
}

/** Runs `act` with the console quiet, and answers what was reported to it. */
export async function reportsOf(act: () => Promise<void>): Promise<readonly string[]> {
  const reports: string[] = [];
  const { error } = console;
  console.error = (...given: readonly unknown[]) => {
    reports.push(given.map((one) => (one instanceof Error ? String(one.stack) : String(one))).join(" "));
  };
  try {
    await act();
  } finally {
    console.error = error;
  }
  return reports;
}

/** A route that parks after its session was loaded, then does `act`. */
export function parked(at: Stop, act: (context: Context) => Reply | Promise<Reply>): Route {
  return async (context) => {
    await at.wait();
    return act(context);
  };
}

/** A pair in both orders. */
export function inBoth<T>(one: T, other: T): readonly (readonly [T, T])[] {
  return [
    [one, other],
    [other, one],
  ];
}
