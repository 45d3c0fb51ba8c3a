// A move from one store to another, on real engines and through managers, as docs/stores.md tells it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSessions } from "../../src/create-sessions.ts";
import type { SessionStore } from "../../src/stores/contract.ts";
import { copySessions } from "../../src/stores/copy.ts";
import { fileStore } from "../../src/stores/file.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { redisStore } from "../../src/stores/redis.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { TEST_ORIGIN, TestBrowser } from "../../src/testing/browser.ts";
import { requireOrExplain } from "../support/requires.ts";
import { describeOnMysql, storesOn as mysqlStoresOn } from "../support/servers/mysql.ts";
import { server, storesOn } from "../support/servers/postgres.ts";
import { findRedisServer, type RedisServer, startRedis } from "../support/servers/redis.ts";
import { type Connected, DRIVERS } from "../support/servers/redis-drivers.ts";

const MINUTE = 60_000;
const scratch = mkdtempSync(join(tmpdir(), "sojourn-copying-"));
afterAll(() => rmSync(scratch, { recursive: true }));

let opened = 0;
const sqlite = async (): Promise<SessionStore> => sqliteStore(join(scratch, `${opened++}.db`));
const file = async (): Promise<SessionStore> => fileStore(join(scratch, String(opened++)));

describe("a move within this machine", () => moves(async () => memoryStore()));

requireOrExplain("redis-server", findRedisServer)("a move to Redis and on", (program) => {
  let redis: RedisServer;
  let connected: Connected | undefined;
  beforeAll(async () => {
    redis = await startRedis(program);
    connected = await DRIVERS["node-redis"]?.(`redis://127.0.0.1:${redis.port}`);
  });
  afterAll(async () => {
    connected?.close();
    await redis[Symbol.asyncDispose]();
  });
  moves(async () => {
    if (!connected) throw new Error("there is no connection");
    return redisStore(connected.client, { prefix: `copying-${opened++}:` });
  });
});

requireOrExplain("a PostgreSQL server", () => server)("a move to PostgreSQL and on", (url) => {
  const stores = storesOn(url, "pg");
  moves(() => stores.emptied());
});

describeOnMysql("a move to MySQL and on", (place) => {
  const stores = mysqlStoresOn(place);
  moves(() => stores.emptied());
});

/** What a person should find: signed in or not, and what they counted to. */
interface Person {
  readonly name: string;
  isIn: boolean;
  count: number;
  tab: TestBrowser;
}

class Town {
  now = Date.UTC(2035, 1, 2);
  readonly people: Person[] = [];
  #sessions = this.#manager(memoryStore());

  #manager(store: SessionStore) {
    const clock = (): number => this.now;
    return createSessions<Record<string, unknown>>({ store, origin: TEST_ORIGIN, clock });
  }

  /** From here on everybody is served from there. */
  serveFrom(store: SessionStore): void {
    this.#sessions = this.#manager(store);
    for (const person of this.people) person.tab = person.tab.copy(this.#sessions);
  }

  async arrive(): Promise<Person> {
    const tab = new TestBrowser(this.#sessions);
    const person: Person = { name: `user-${this.people.length}`, isIn: true, count: 0, tab };
    this.people.push(person);
    await tab.visit((session) => session.login(person.name), { method: "POST" });
    return person;
  }

  async count(person: Person): Promise<void> {
    person.count++;
    const add = (count: unknown): number => Number(count ?? 0) + 1;
    const { status } = await person.tab.visit((session) => session.update("count", add), { method: "POST" });
    expect(status).toBe(200);
  }

  async leave(person: Person): Promise<void> {
    person.isIn = false;
    await person.tab.visit((session) => session.logout(), { method: "POST" });
  }

  /** As after another one of them was seen by somebody else: with the cookies as they were. */
  async leaveEverywhere(person: Person): Promise<void> {
    person.isIn = false;
    await this.#sessions.revokeAll(person.name);
  }

  async expectAll(): Promise<void> {
    for (const person of this.people) {
      const { value } = await person.tab.visit((session) => [session.userId, session.get("count") ?? 0]);
      expect(value, person.name).toEqual(person.isIn ? [person.name, person.count] : [null, 0]);
      expect(await this.#sessions.list(person.name)).toHaveLength(person.isIn ? 1 : 0);
    }
  }
}

function moves(middle: () => Promise<SessionStore>): void {
  it("stop, copy, start: everybody finds their session, here and one store further", async () => {
    const town = new Town();
    const [first, second, third] = [await sqlite(), await middle(), await file()];
    town.serveFrom(first);
    for (let i = 0; i < 12; i++) await town.count(await town.arrive());
    for (const i of [3, 7]) await town.leave(town.people[i] as Person);
    expect(await copySessions(first, second, { clock: () => town.now })).toMatchObject({ copied: 10 });
    town.serveFrom(second);
    await town.expectAll();
    await town.leaveEverywhere(town.people[5] as Person);
    await town.count(town.people[6] as Person);
    expect(await copySessions(second, third, { clock: () => town.now })).toMatchObject({ copied: 9 });
    town.serveFrom(third);
    await town.expectAll();
    for (const store of [first, second, third]) await store.close();
  });

  it("copy, copy again, switch, copy the rest: nobody is signed out, and nobody comes back", async () => {
    const town = new Town();
    const [from, to] = [await middle(), await sqlite()];
    town.serveFrom(from);
    for (let i = 0; i < 30; i++) await town.arrive();
    const at = (i: number): Person => town.people[i] as Person;
    const clock = (): number => town.now;
    const acts: Promise<unknown>[] = [];
    let page = 0;
    const onProgress = (): void => {
      page++;
      acts.push(town.count(at(page % 10)), town.leave(at(10 + page)), town.arrive());
    };
    await copySessions(from, to, { clock, pageSize: 5, onProgress });
    await Promise.all(acts.splice(0));
    town.now += 20 * MINUTE; // long enough for the store to forget who left
    for (const i of [1, 2, 3]) await town.count(at(i));
    expect(await copySessions(from, to, { clock, prune: true })).toMatchObject({ kept: 0, extra: 0 });

    await town.count(at(1)); // what is done between the last look and the switch
    await town.leave(at(2));
    await town.arrive();
    town.now += 1000;
    const switchedAt = town.now;
    town.serveFrom(to);
    for (const i of [4, 5]) await town.count(at(i));
    await town.leave(at(6));
    await town.leaveEverywhere(at(7));
    town.now += 1000;
    expect(await copySessions(from, to, { clock, switchedAt })).toMatchObject({ copied: 1, ended: 1 });
    await town.expectAll();
    await from.close();
    await to.close();
  });
}
