/** Redis: a server for each store, since the size of a server's table of keys is what could make a difference. */
import { Redis } from "ioredis";
import { Keyspace } from "../../../src/stores/redis/keyspace.ts";
import { redisStore } from "../../../src/stores/redis.ts";
import { findRedisServer, startRedis } from "../../../test/support/servers/redis.ts";
import { redisBytes } from "../../shared/footprint.ts";
import { copyOfId, type Fleet, ORIGINALS } from "../fleet.ts";
import { type Place, PlaceMissingError } from "../place.ts";

/** Beyond these, sessions are copied as visitors' are: without an entry in the index of a user. */
const CREATED = 1_000_000;

const PREFIX = "sojourn:";
const COPIES_AT_A_TIME = 1000;
const COPY = "for i = 1, #KEYS, 2 do redis.call('COPY', KEYS[i], KEYS[i + 1]) end";

export async function redisPlace(): Promise<Place> {
  const program = findRedisServer();
  if ("missing" in program) throw new PlaceMissingError(program.missing);
  const probe = await startRedis(program.found);
  const info = new Redis(probe.port);
  const version = /redis_version:(\S+)/.exec(await info.info("server"))?.[1] ?? "";
  info.disconnect();
  await probe[Symbol.asyncDispose]();
  return {
    title: "Redis",
    version: `Redis ${version}`,
    async make() {
      const server = await startRedis(program.found);
      const client = new Redis(server.port);
      const store = redisStore(client, { prefix: PREFIX });
      await store.open();
      return {
        store,
        bytes: async () => redisBytes(await client.info("memory")),
        createsUpTo: CREATED,
        indexedUpTo: CREATED,
        copy: (fleet, from, to) => copySessions(client, fleet, from, to),
        async [Symbol.asyncDispose]() {
          await store.close();
          client.disconnect();
          await server[Symbol.asyncDispose]();
        },
      };
    },
    async [Symbol.asyncDispose]() {},
  };
}

async function copySessions(client: Redis, fleet: Fleet, from: number, to: number): Promise<void> {
  const names = new Keyspace(PREFIX, false);
  const last = (to + 1) * ORIGINALS;
  for (let place = from * ORIGINALS; place < last; place += COPIES_AT_A_TIME) {
    const keys = Array.from({ length: Math.min(COPIES_AT_A_TIME, last - place) }, (_, at) => {
      const { id = "" } = fleet.originals[(place + at) % ORIGINALS] ?? {};
      return [names.session(id), names.session(copyOfId(id, Math.floor((place + at) / ORIGINALS)))];
    }).flat();
    await client.eval(COPY, keys.length, ...keys);
  }
}
