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
  /** What goes on meanwhile: `reads` when all writing is in trouble, `ends` when at least sessions can be ended. */
  readonly spares: "nothing" | "reads" | "ends";
  /** Resolves when it has begun; what it answers ends it. */
  begin(server: Server, wire: Wire): Promise<() => Promise<void> | void>;
}

/** What befalls any server. */
export const TROUBLES: readonly Trouble[] = [
  {
    name: "is frozen",
    spares: "nothing",
    async begin(server) {
      server.freeze();
      return () => server.thaw();
    },
  },
  {
    name: "is killed and started again",
    spares: "nothing",
    async begin(server) {
      await server.kill();
      return () => server.start();
    },
  },
  {
    name: "cannot be reached: connections end, and no new ones come about",
    spares: "nothing",
    async begin(_, wire) {
      await wire.cut();
      return () => wire.mend();
    },
  },
  {
    name: "is beyond a line on which nothing gets through",
    spares: "nothing",
    async begin(_, wire) {
      wire.hold();
      return () => wire.mend();
    },
  },
  {
    name: "answers slower than the deadline",
    spares: "nothing",
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
  { begin, spares }: Trouble<Server>,
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
        if (spares === "nothing") await servesOthers(hurried, broken, people);
        else await writesNothing(hurried, patient, people, spares === "ends");
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

async function servesOthers(hurried: Shop, broken: Shop, { ada, bea }: People): Promise<void> {
  const answers = await Promise.all([
    hurried.browser(ada).visit("/who"),
    hurried.browser(ada).post("/add"),
    hurried.browser(bea).post("/logout"),
    hurried.browser().post("/login?dan"),
  ]);
  for (const answer of answers) isUnavailable(answer);
  await ok(hurried.browser(ada).visit("/hello"), "hello");
  await ok(hurried.browser().visit("/who"), "null");
  expect(await hurried.sessions.health()).toEqual({ ok: false });
  await isLeftAlone(broken, ada);
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

async function writesNothing(
  hurried: Shop,
  patient: Shop,
  { ada, bea }: People,
  endsSessions: boolean,
): Promise<void> {
  const answers = await Promise.all([
    hurried.browser(ada).post("/fill?x"),
    hurried.browser().post("/login?dan"),
    ...(endsSessions ? [] : [hurried.browser(ada).post("/add"), hurried.browser(bea).post("/logout")]),
  ]);
  for (const answer of answers) isUnavailable(answer);
  await ok(patient.browser(ada).visit("/who"), "ada");
  await ok(patient.browser(ada).visit("/count"), "1");
  if (endsSessions) await ok(patient.browser(bea).post("/logout"));
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
