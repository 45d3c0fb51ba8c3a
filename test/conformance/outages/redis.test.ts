/** Outages of a Redis server. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, it } from "vitest";
import { redisStore } from "../../../src/stores/redis.ts";
import { executable, requireOrExplain } from "../../support/requires.ts";
import { findRedisServer, type RedisServer, startRedis } from "../../support/servers/redis.ts";
import { DRIVERS } from "../../support/servers/redis-drivers.ts";
import { until } from "../../support/servers/wire.ts";
import { type Subject, suffers, TROUBLES, type Trouble, WRITES } from "./suite.ts";

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
    stops: "everything",
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
    stops: WRITES,
    async begin(server) {
      await tell(server, "REPLICAOF", "127.0.0.1", "1");
      return () => tell(server, "REPLICAOF", "NO", "ONE");
    },
  },
  {
    name: "has no memory left",
    stops: ["fill", "login"],
    async begin(server) {
      await tell(server, "CONFIG", "SET", "maxmemory", "1");
      return () => tell(server, "CONFIG", "SET", "maxmemory", "0");
    },
  },
  {
    name: "permits no scripts",
    stops: WRITES,
    async begin(server) {
      await tell(server, "ACL", "SETUSER", "default", "-eval", "-evalsha");
      return () => tell(server, "ACL", "SETUSER", "default", "+eval", "+evalsha");
    },
  },
  {
    name: "is held up by a script of somebody else",
    stops: "everything",
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

  it("has a full disk", async (context) => {
    const prlimit = executable("/usr/bin/prlimit");
    if ("missing" in prlimit)
      return context.skip(`no limit can be put on a server that runs: ${prlimit.missing}`);
    const folder = mkdtempSync(join(tmpdir(), "sojourn-full-"));
    const wrapped = join(folder, "redis-server");
    // A write beyond the limit is to fail, as on a full disk, and not to end the server.
    writeFileSync(wrapped, `#!/bin/sh\ntrap '' XFSZ\nexec ${program} "$@"\n`, { mode: 0o755 });
    await using full = await startRedis(wrapped, "--appendonly", "yes", "--appendfsync", "everysec");
    const operator = operatorOf(full);
    const limit = (bytes: string): void =>
      void execFileSync(prlimit.found, ["--pid", String(full.pid), `--fsize=${bytes}:unlimited`]);
    const isWritten = (): Promise<boolean> =>
      operator.set("filling", "x".repeat(4096)).then(
        () => true,
        (error: Error) => !error.message.startsWith("MISCONF"),
      );
    try {
      await suffers(
        { ...subject("ioredis"), server: full },
        {
          name: "",
          stops: WRITES,
          async begin() {
            limit("65536");
            await until(async () => !(await isWritten()));
            return async () => {
              limit("unlimited");
              await until(isWritten);
            };
          },
        },
      );
    } finally {
      operator.disconnect();
      rmSync(folder, { recursive: true });
    }
  });
});
