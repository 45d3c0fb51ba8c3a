/** Ends of sessions in cookies, remembered in each store that can: by one process, seen by another. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { cookieStore, newKey } from "../../../src/stores/cookie.ts";
import { fileStore } from "../../../src/stores/file.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { describeOnMysql, storesOn as storesOnMysql } from "../../support/servers/mysql.ts";
import { server, storesOn } from "../../support/servers/postgres.ts";
import { findRedisServer, startRedis } from "../../support/servers/redis.ts";
import { DRIVERS } from "../../support/servers/redis-drivers.ts";
import { POST } from "./world.ts";

const folder = await mkdtemp(join(tmpdir(), "sojourn-epochs-"));
afterAll(() => rm(folder, { recursive: true }));

/** `there` is `here` where one process alone may have the store. */
async function endings(here: SessionStore, there: SessionStore = here): Promise<void> {
  const keys = newKey();
  const make = (epochs: SessionStore) =>
    createSessions({
      store: cookieStore({ keys, epochs }),
      accept: ["cas"],
      origin: TEST_ORIGIN,
      storeTimeout: "5s",
    });
  await using one = make(here);
  await using other = here === there ? one : make(there);
  await Promise.all([one.ready(), other.ready()]);
  const signedIn = async (userId: string): Promise<TestBrowser> => {
    const tab = new TestBrowser(one);
    await tab.visit((session) => session.login(userId), POST);
    return tab;
  };
  const seen = async (tab: TestBrowser): Promise<unknown> =>
    (await tab.copy(other).visit((session) => session.userId)).value;
  const [left, kept, renewed] = [await signedIn("ada"), await signedIn("ada"), await signedIn("ada")];
  const copies = [left.copy(), renewed.copy()];
  await left.visit((session) => session.logout(), POST);
  await renewed.visit((session) => session.renew(), POST);
  expect(await Promise.all([...copies, renewed, kept].map(seen))).toEqual([null, null, "ada", "ada"]);
  const except = (await kept.visit((session) => session.id)).value ?? "";
  await other.revokeAll("ada", { except });
  expect(await Promise.all([renewed, kept].map(seen))).toEqual([null, "ada"]);
  await Promise.all([
    one.revokeAll("ada", { except }),
    other.revokeAll("ada", { except }),
    other.revokeAll("ada"),
  ]);
  await other.revokeAll("ada");
  expect(await seen(kept)).toBeNull();
  const last = await signedIn("bob");
  const state = (await last.visit((session) => session.handoff("oauth", { a: 1 }), POST)).value;
  const received = await last.copy(other).visit((session) => session.receive("oauth", state), POST);
  expect(received.value).toEqual({ a: 1 });
  await one.erase("ada");
  await one.revokeEveryone();
  expect(await seen(last)).toBeNull();
  await one.sweep();
}

describe("ends are remembered", () => {
  it("in SQLite", () => endings(sqliteStore(join(folder, "a.db")), sqliteStore(join(folder, "a.db"))));
  it("in files", () => endings(fileStore(join(folder, "files"))));
});

requireOrExplain("redis-server", findRedisServer)("ends are remembered in Redis", (program) => {
  it.each(Object.entries(DRIVERS).slice(0, 1))("by two processes, through %s", async (_, connect) => {
    await using redis = await startRedis(program);
    const connected = await connect(`redis://127.0.0.1:${redis.port}`);
    try {
      await endings(redisStore(connected.client), redisStore(connected.client));
    } finally {
      connected.close();
    }
  });
});

requireOrExplain("a PostgreSQL server", () => server)("ends are remembered in PostgreSQL", (url) => {
  const stores = storesOn(url, "pg");
  it("by two processes", () => {
    const here = stores.open();
    return endings(here, stores.again(here));
  });
});

describeOnMysql("ends are remembered", (place) => {
  const stores = storesOnMysql(place);
  it("by two processes", () => {
    const here = stores.open();
    return endings(here, stores.again(here));
  });
});
