/**
 * An outage is an error and never a logout, on a real server through a real adapter over a socket: one definition, for
 * every store on a server and for whatever may befall one.
 */
import { expect } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { type Answer, headerOf } from "../../../src/testing/adapter-contract/client.ts";
import type { HttpBrowser } from "../../../src/testing/adapter-contract/http-browser.ts";
import { cookiesOf, reportsOf } from "../../../src/testing/adapter-contract/site.ts";
import type { OwnServer } from "../../support/servers/own-server.ts";
import { layWire, until, type Wire } from "../../support/servers/wire.ts";
import { openShop, type Shop } from "./shop.ts";

export interface Subject<Server extends OwnServer = OwnServer> {
  readonly server: Server;
  /** A store with nothing in it, on the server behind `port`. */
  connect(port: number): Promise<Connected>;
}

export interface Connected {
  readonly store: SessionStore;
  close(): Promise<void> | void;
}

export interface Trouble<Server extends OwnServer = OwnServer> {
  readonly name: string;
  /** What is answered 503 meanwhile, of a store that can still be read; or everything. */
  readonly stops: "everything" | readonly Errand[];
  /** Resolves when it has begun; what it answers ends it. */
  begin(server: Server, wire: Wire): Promise<() => Promise<void> | void>;
}

/** What people want to write: a little, a lot, to be signed in, to be signed out. */
export type Errand = "add" | "fill" | "login" | "logout";

export const WRITES: readonly Errand[] = ["add", "fill", "login", "logout"];

/** What befalls any server. */
export const TROUBLES: readonly Trouble[] = [
  {
    name: "is frozen",
    stops: "everything",
    async begin(server) {
      server.freeze();
      return () => server.thaw();
    },
  },
  {
    name: "is killed and started again",
    stops: "everything",
    async begin(server) {
      await server.kill();
      return () => server.start();
    },
  },
  {
    name: "cannot be reached: connections end, and no new ones come about",
    stops: "everything",
    async begin(_, wire) {
      await wire.cut();
      return () => wire.mend();
    },
  },
  {
    name: "is beyond a line on which nothing gets through",
    stops: "everything",
    async begin(_, wire) {
      wire.hold();
      return () => wire.mend();
    },
  },
  {
    name: "answers slower than the deadline",
    stops: "everything",
    async begin(_, wire) {
      wire.slow(600);
      return () => wire.mend();
    },
  },
];

/** Here the deadline is to come. */
const HURRIED = { storeTimeout: "200ms" } as const;
/** Here it is not, however busy the machine is. */
const PATIENT = { storeTimeout: "20s", breaker: false } as const;

export async function suffers<Server extends OwnServer>(
  { server, connect }: Subject<Server>,
  { begin, stops }: Trouble<Server>,
): Promise<void> {
  await using wire = await layWire(server.port);
  const { store, close } = await connect(wire.port);
  try {
    await using patient = await openShop(store, PATIENT);
    await using hurried = await openShop(store, { ...HURRIED, breaker: false });
    await using broken = await openShop(store, HURRIED);
    for (const { sessions } of [patient, hurried, broken]) await sessions.ready();
    const people = await populate(patient);
    const end = await begin(server, wire);
    try {
      await reportsOf(async () => {
        if (stops === "everything") await servesOthers(hurried, broken, people);
        else await staysReadable(hurried, patient, people, stops);
      });
    } finally {
      await end();
    }
    await until(async () => (await patient.sessions.health()).ok);
    await hasAll(patient, people);
  } finally {
    await close();
  }
}

interface People {
  /** Signed in, with a count of 1. */
  readonly ada: HttpBrowser;
  /** Signed in. */
  readonly bea: HttpBrowser;
  /** Was told to be signed out, and has kept the cookie. */
  readonly cid: HttpBrowser;
}

async function populate(shop: Shop): Promise<People> {
  const [ada, bea, cid] = [shop.browser(), shop.browser(), shop.browser()];
  const people = { ada, bea, cid };
  for (const [name, browser] of Object.entries(people)) await ok(browser.post(`/login?${name}`));
  await ok(ada.post("/add"));
  await ok(cid.copy().post("/logout"));
  return people;
}

async function servesOthers(hurried: Shop, broken: Shop, people: People): Promise<void> {
  const answers = await Promise.all([
    hurried.browser(people.ada).visit("/who"),
    ...WRITES.map((errand) => send(hurried, errand, people)),
  ]);
  for (const answer of answers) isUnavailable(answer);
  await ok(hurried.browser(people.ada).visit("/hello"), "hello");
  await ok(hurried.browser().visit("/who"), "null");
  expect(await hurried.sessions.health()).toEqual({ ok: false });
  await isLeftAlone(broken, people.ada);
}

/** Many at once, and after them nobody waits. */
async function isLeftAlone(shop: Shop, ada: HttpBrowser): Promise<void> {
  const down = new Promise((resolve) => shop.sessions.on("storeDown", resolve));
  let isDown = false;
  void down.then(() => {
    isDown = true;
  });
  while (!isDown) {
    const many = await Promise.all(Array.from({ length: 30 }, () => shop.browser(ada).visit("/who")));
    for (const answer of many) isUnavailable(answer);
  }
  const refused = { code: "STORE_UNAVAILABLE", kind: "refused" };
  await expect(shop.sessions.revokeAll("ada")).rejects.toMatchObject(refused);
  await expect(shop.sessions.revokeEveryone()).rejects.toMatchObject(refused);
}

async function staysReadable(
  hurried: Shop,
  patient: Shop,
  people: People,
  stopped: readonly Errand[],
): Promise<void> {
  const answers = await Promise.all(stopped.map((errand) => send(hurried, errand, people)));
  for (const answer of answers) isUnavailable(answer);
  await ok(patient.browser(people.ada).visit("/who"), "ada");
  await ok(patient.browser(people.ada).visit("/count"), "1");
  if (!stopped.includes("logout")) await ok(send(patient, "logout", people));
}

function send(shop: Shop, errand: Errand, { ada, bea }: People): Promise<Answer> {
  switch (errand) {
    case "login":
      return shop.browser().post("/login?dan");
    case "logout":
      return shop.browser(bea).post("/logout");
    default:
      return shop.browser(ada).post(`/${errand}`);
  }
}

/** What was acknowledged holds, and what was answered 503 counts once or not at all. */
async function hasAll(shop: Shop, { ada, bea, cid }: People): Promise<void> {
  await ok(shop.browser(ada).visit("/who"), "ada");
  expect(["1", "2"]).toContain((await shop.browser(ada).visit("/count")).body);
  await ok(shop.browser(cid).visit("/who"), "null");
  await ok(shop.browser(bea).post("/logout"));
  await ok(shop.browser(bea).visit("/who"), "null");
  const dan = shop.browser();
  await ok(dan.post("/login?dan"), "dan");
  await ok(dan.visit("/who"), "dan");
}

function isUnavailable(answer: Answer): void {
  expect([answer.status, cookiesOf(answer)]).toEqual([503, []]);
  expect(Number(headerOf(answer, "retry-after"))).toBeGreaterThanOrEqual(1);
  expect(JSON.parse(answer.body).error.code).toBe("STORE_UNAVAILABLE");
}

async function ok(answer: Promise<Answer>, body?: string): Promise<void> {
  const { status, body: said } = await answer;
  expect([status, said]).toEqual([200, body ?? said]);
}
