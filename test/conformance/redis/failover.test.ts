/** A primary of a cluster dies under load: what was acknowledged is there afterwards, and nobody is signed out. */
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { redisStore } from "../../../src/stores/redis.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer } from "../../support/servers/redis.ts";
import { type RedisCluster, startCluster } from "../../support/servers/redis-cluster.ts";
import { CLUSTER_DRIVERS, type Connected } from "../../support/servers/redis-drivers.ts";
import { until } from "../../support/servers/wire.ts";
import { type Application, Person, serve } from "./people.ts";

const DRIVERS = ["node-redis", "ioredis"];
const PEOPLE = 12;
const STORE_TIMEOUT_MS = 1000;
/** What is younger than this when the primary dies, its replica may not have yet. */
const MAY_BE_LOST_MS = 1000;

requireOrExplain("redis-server", findRedisServer)("a primary that dies", (program) => {
  let cluster: RedisCluster;
  const opened: { readonly connected: Connected; readonly app: Application }[] = [];
  beforeAll(async () => {
    cluster = await startCluster(program);
    for (const driver of DRIVERS) {
      const connected = await (CLUSTER_DRIVERS[driver] as (ports: readonly number[]) => Promise<Connected>)(
        cluster.nodes.map(({ port }) => port),
      );
      opened.push({ connected, app: await serve(redisStore(connected.client), STORE_TIMEOUT_MS) });
    }
  });
  afterAll(async () => {
    for (const { connected, app } of opened) {
      await app[Symbol.asyncDispose]();
      connected.close();
    }
    await cluster[Symbol.asyncDispose]();
  });

  it("loses nothing that was acknowledged a second before, signs nobody out, and is answered 503 meanwhile", async () => {
    const people = opened.flatMap(({ app }, i) =>
      Array.from({ length: PEOPLE }, (_, n) => new Person(app.url, `${DRIVERS[i]}-${n}`)),
    );
    const leaving = opened.flatMap(({ app }, i) =>
      Array.from({ length: PEOPLE }, (_, n) => new Person(app.url, `leaving-${DRIVERS[i]}-${n}`)),
    );
    for (const person of [...people, ...leaving]) expect(await person.login()).toBe(200);
    for (const person of leaving) expect(await person.logout()).toBe(200);

    let isOver = false;
    const using = people.map(async (person) => {
      while (!isOver) await person.add();
    });
    await delay(2 * MAY_BE_LOST_MS); // the load itself, so that there is something old enough
    const [share] = await cluster.shares();
    const killedAt = performance.now();
    await share?.server.kill();
    await until(async () => (await cluster.shares()).every(({ server }) => server.isAlive));
    const recoveredAt = performance.now();
    const hasWritten = ({ acknowledged }: Person): boolean => (acknowledged.at(-1)?.at ?? 0) > recoveredAt;
    await until(async () => people.every(hasWritten));
    isOver = true;
    await Promise.all(using);

    const statuses = new Set(people.flatMap(({ answers }) => [...answers.keys()]));
    expect(statuses).toEqual(new Set([200, 503]));
    expect(people.reduce((sum, { rude }) => sum + rude, 0)).toBe(0);
    for (const person of people) {
      const old = person.acknowledged.filter(({ at }) => at < killedAt - MAY_BE_LOST_MS);
      const later = person.acknowledged.filter(({ at }) => at > killedAt);
      expect(old.length).toBeGreaterThan(0);
      const least = Math.max(...old.map(({ n }) => n));
      for (const { n } of later) expect(n).toBeGreaterThan(least);
      const count = Number(await person.count());
      expect(count).toBeGreaterThanOrEqual(person.acknowledged.at(-1)?.n ?? 0);
      expect(count).toBeLessThanOrEqual(person.added);
    }
    for (const person of leaving) expect(await person.count()).toBe("nobody");
  });
});
