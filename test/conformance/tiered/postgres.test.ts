/** Two nodes with caches on one PostgreSQL server, which tells each of what the other changes. */
import { Client } from "pg";
import { expect, test } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { postgresInvalidations } from "../../../src/stores/postgres.ts";
import { tiered } from "../../../src/stores/tiered.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { tries, whose } from "../../support/nodes.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findPgBouncer, startPgBouncer } from "../../support/servers/pgbouncer.ts";
import { server, storesOn } from "../../support/servers/postgres.ts";

const POST = { method: "POST" } as const;

requireOrExplain("a PostgreSQL server", () => server)("caches that PostgreSQL tells of changes", (url) => {
  const stores = storesOn(url, "pg");
  let made = 0;

  function nodes(makeClient = (): Client => new Client({ connectionString: url })) {
    const prefix = `tiered${made++}_`;
    const node = () => {
      const naming = { schema: stores.schema, prefix };
      const invalidations = postgresInvalidations(makeClient, naming);
      const store = tiered({ maxAge: "1m", invalidations }, stores.open(naming));
      return { store, sessions: createSessions({ store, origin: TEST_ORIGIN, storeTimeout: "5s" }) };
    };
    const [first, second] = [node(), node()];
    const login = async (userId: string) => {
      const tab = new TestBrowser(first.sessions);
      await tab.visit((session) => session.login(userId), POST);
      const elsewhere = tab.copy(second.sessions);
      expect(await whose(elsewhere)).toBe(userId);
      return { tab, elsewhere };
    };
    const close = async () => void (await Promise.all([first.sessions.close(), second.sessions.close()]));
    const hitsIn = async (act: () => Promise<unknown>) => {
      const { hits } = second.store.stats();
      await act();
      return second.store.stats().hits - hits;
    };
    return { first, second, login, hitsIn, prefix, [Symbol.asyncDispose]: close };
  }

  test("a revocation on one node is seen on the other as soon as the message is there", async () => {
    await using world = nodes();
    const warnings = [await world.first.sessions.ready(), await world.second.sessions.ready()];
    expect(warnings.flat().join()).not.toContain("Tiered store");
    const [ada, bob] = [await world.login("ada"), await world.login("bob")];
    const both = async () => [await whose(ada.elsewhere), await whose(bob.elsewhere)];
    expect(await both()).toEqual(["ada", "bob"]);
    expect(await world.hitsIn(both)).toBe(2);
    const { value: id = "" } = await bob.tab.visit((session) => session.id);
    await world.first.store.touch(id, Date.now() + 3_000_000, { now: Date.now() });
    await world.first.sessions.revokeAll("ada");
    expect(await tries(async () => (await whose(ada.elsewhere)) === null)).toBe(true);
    expect(await world.hitsIn(both)).toBe(1); // nobody else's copy went, not even of who was touched
  });

  test("so is a change of data, a logout, and what is done by hand", async () => {
    await using world = nodes();
    await Promise.all([world.first.sessions.ready(), world.second.sessions.ready()]);
    const { tab, elsewhere } = await world.login("ada");
    await tab.visit((session) => session.set("cart", ["tea"]), POST);
    const cart = async () => (await elsewhere.visit((session) => session.get("cart"))).value;
    expect(await tries(async () => (await cart()) !== undefined)).toBe(true);
    await tab.visit((session) => session.logout(), POST);
    expect(await tries(async () => (await whose(elsewhere)) === null)).toBe(true);
    for (const statement of ["DELETE FROM", "TRUNCATE"]) {
      const { elsewhere: other } = await world.login("bob");
      await stores.pool.query(`${statement} ${stores.schema}.${world.prefix}sessions`);
      expect(await tries(async () => (await whose(other)) === null)).toBe(true);
    }
  });

  test("with the connection lost, every read goes to the store until it is back", async () => {
    const clients: Client[] = [];
    const { promise: mended, resolve: mend } = Promise.withResolvers<void>();
    await using world = nodes(() => {
      const client = new Client({ connectionString: url, application_name: "sojourn-listens" });
      const connect = client.connect.bind(client);
      const connectOnceMended = () => mended.then(() => connect());
      return clients.push(client) > 2 ? Object.assign(client, { connect: connectOnceMended }) : client;
    });
    await world.first.sessions.ready();
    await world.second.sessions.ready();
    const { elsewhere } = await world.login("ada");
    const { store } = world.second;
    expect(await world.hitsIn(() => whose(elsewhere))).toBe(1);
    await stores.pool.query("SELECT pg_terminate_backend($1)", [Reflect.get(clients[1] ?? {}, "processID")]);
    expect(await tries(async () => !store.stats().isServing)).toBe(true);
    await world.first.sessions.revokeAll("ada");
    expect(await whose(elsewhere)).toBeNull();
    expect(store.stats().isServing).toBe(false);
    mend();
    expect(await tries(async () => store.stats().isServing)).toBe(true);
    expect(clients.length).toBe(3);
  });

  requireOrExplain("pgbouncer", findPgBouncer)("behind a pooler", (program) => {
    test("the cache stays off, and `ready` says why", async () => {
      await using bouncer = await startPgBouncer(program, url, 1);
      await using world = nodes(() => new Client({ connectionString: bouncer.url }));
      expect((await world.first.sessions.ready()).join()).toMatch(/every read goes to the store.*pooler/);
      expect(world.first.store.stats().isServing).toBe(false);
    });
  });
});
