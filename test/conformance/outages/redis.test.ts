/** Outages of a Redis server. */
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, it } from "vitest";
import { redisStore } from "../../../src/stores/redis.ts";
import { requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { DRIVERS } from "../../support/servers/redis-drivers.ts";
import { type Subject, suffers, TROUBLES, type Trouble } from "./suite.ts";

/** Every acknowledged write survives a crash; scripts that take long are told of soon. */
const SETTINGS = ["--appendonly", "yes", "--appendfsync", "always", "--busy-reply-threshold", "50"];

/** Gives commands as an operator does. */
function operatorOf({ port }: RedisServer): Redis {
  const operator = new Redis({ port, host: "127.0.0.1", enableReadyCheck: false });
  operator.on("error", () => {});
  return operator;
}

async function tell(server: RedisServer, command: string, ...args: readonly string[]): Promise<void> {
  const operator = operatorOf(server);
  try {
    await operator.call(command, ...args);
  } finally {
    operator.disconnect();
  }
}

const OF_REDIS: readonly Trouble<RedisServer>[] = [
  {
    name: "takes the password no more",
    spares: "nothing",
    async begin(server) {
      const operator = operatorOf(server);
      await operator.call("CONFIG", "SET", "requirepass", "another");
      await operator.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
      return async () => {
        await operator.call("CONFIG", "SET", "requirepass", "");
        operator.disconnect();
      };
    },
  },
  {
    name: "has become a replica",
    spares: "reads",
    async begin(server) {
      await tell(server, "REPLICAOF", "127.0.0.1", "1");
      return () => tell(server, "REPLICAOF", "NO", "ONE");
    },
  },
  {
    name: "has no memory left",
    spares: "ends",
    async begin(server) {
      await tell(server, "CONFIG", "SET", "maxmemory", "1");
      return () => tell(server, "CONFIG", "SET", "maxmemory", "0");
    },
  },
  {
    name: "permits no scripts",
    spares: "reads",
    async begin(server) {
      await tell(server, "ACL", "SETUSER", "default", "-eval", "-evalsha");
      return () => tell(server, "ACL", "SETUSER", "default", "+eval", "+evalsha");
    },
  },
  {
    name: "is held up by a script of somebody else",
    spares: "nothing",
    async begin(server) {
      const other = operatorOf(server);
      const held = other.eval("while true do end", 0).catch(() => {});
      await tell(server, "PING").catch(() => {}); // answered when the server begins to say BUSY
      return async () => {
        await tell(server, "SCRIPT", "KILL");
        await held;
        other.disconnect();
      };
    },
  },
];

requireOrExplain("redis-server", findRedisServer)("when the Redis server", (program) => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedis(program, ...SETTINGS);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  let opened = 0;
  const subject = (driver: string): Subject<RedisServer> => ({
    server,
    async connect(port) {
      const connected = await DRIVERS[driver]?.(`redis://127.0.0.1:${port}`);
      if (!connected) throw new Error(`There is no driver ${driver}.`);
      return {
        store: redisStore(connected.client, { prefix: `outage-${opened++}:` }),
        close: connected.close,
      };
    },
  });

  it.each([...TROUBLES, ...OF_REDIS])("$name", (trouble) => suffers(subject("ioredis"), trouble));

  describe("asked by node-redis,", () => {
    it.each(TROUBLES)("$name", (trouble) => suffers(subject("node-redis"), trouble));
  });
});
