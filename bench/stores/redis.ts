/** The Redis store beside the same commands, sent by the driver alone. */
import { Redis } from "ioredis";
import { createClient, RESP_TYPES } from "redis";
import type { RedisArgument, RedisClient } from "../../src/stores/redis/client.ts";
import { encodeExpected, encodeTail, encodeVersion } from "../../src/stores/redis/format.ts";
import { SAVE, TOUCH } from "../../src/stores/redis/scripts.ts";
import { redisStore } from "../../src/stores/redis.ts";
import type { Bench } from "./measure.ts";
import { LIFE_MS, scattered, versionsOf } from "./samples.ts";
import { callNow, fill, IN_FLIGHT } from "./servers.ts";

const OWN = "sojourn-bench-own:";
const RAW = "sojourn-bench-raw:";

interface Driver {
  readonly name: string;
  readonly client: RedisClient;
  get(key: string): Promise<unknown>;
  send(command: string, ...args: RedisArgument[]): Promise<unknown>;
  close(): void;
}

export async function byIoredis(url: string): Promise<Driver> {
  const client = new Redis(url);
  return {
    name: "ioredis",
    client,
    get: (key) => client.getBuffer(key),
    send: (command, ...args) => client.callBuffer(command, ...args),
    close: () => client.disconnect(),
  };
}

export async function byNodeRedis(url: string): Promise<Driver> {
  const client = createClient({ url });
  await client.connect();
  const asBuffers = client.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  return {
    name: "node-redis",
    client,
    get: (key) => asBuffers.get(key),
    send: (...args) => asBuffers.sendCommand(args),
    close: () => client.destroy(),
  };
}

export async function redisBench(sessions: number, { client, ...driver }: Driver): Promise<Bench> {
  const store = redisStore(client, { prefix: OWN });
  const records = await fill(sessions, store, redisStore(client, { prefix: RAW }));
  const record = scattered(records);
  const versions = versionsOf(records);
  const rawVersions = versionsOf(records);
  const script = (sha: string, id: string, ...args: RedisArgument[]): Promise<unknown> =>
    driver.send("EVALSHA", sha, "1", `${RAW}s:${id}`, RAW, String(Date.now()), "0", id, ...args);
  return {
    name: "Redis",
    rawName: driver.name,
    inFlight: IN_FLIGHT,
    pairs: [
      {
        operation: "load",
        store: (turn) => store.load(record(turn).id, callNow()),
        raw: (turn) => driver.get(`${RAW}s:${record(turn).id}`),
      },
      {
        operation: "save",
        store: (turn) => {
          const { expected, version } = versions(turn);
          return store.save({ ...record(turn), version }, expected, callNow());
        },
        raw: (turn) => {
          const { expected, version } = rawVersions(turn);
          const { id, idleUntil, seenAt, credentials, payload } = record(turn);
          const versionArgs = [encodeExpected(expected), encodeVersion(version)];
          const tail = encodeTail({ credentials, payload });
          return script(SAVE.sha, id, ...versionArgs, String(idleUntil), String(seenAt), tail);
        },
      },
      {
        operation: "touch",
        store: (turn) => store.touch(record(turn).id, Date.now() + LIFE_MS, callNow()),
        raw: (turn) => script(TOUCH.sha, record(turn).id, String(Date.now() + LIFE_MS)),
      },
    ],
    async close() {
      for (const { id } of records)
        await Promise.all([OWN, RAW].map((prefix) => driver.send("UNLINK", `${prefix}s:${id}`)));
      await forget(driver);
      await store.close();
      driver.close();
    },
  };
}

/** The lists of users and the keys of digests. */
async function forget({ send }: Pick<Driver, "send">): Promise<void> {
  for (const prefix of [OWN, RAW]) {
    const keys = await send("KEYS", `${prefix}*`);
    if (Array.isArray(keys) && keys.length > 0) await send("UNLINK", ...keys.map((key) => Buffer.from(key)));
  }
}
