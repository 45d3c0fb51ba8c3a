/** A Redis server with a replica, and three Sentinels that make the replica the primary when the first one dies. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { until } from "./wire.ts";

export interface Pair extends AsyncDisposable {
  readonly primary: RedisServer;
  readonly replica: RedisServer;
}

export async function startPair(program: string): Promise<Pair> {
  const primary = await startRedis(program, "--repl-diskless-sync-delay", "0");
  const replica = await startRedis(program, "--replicaof", `127.0.0.1 ${primary.port}`);
  await until(async () => (await infoOf(replica.port)).includes("master_link_status:up"));
  return {
    primary,
    replica,
    async [Symbol.asyncDispose]() {
      await replica[Symbol.asyncDispose]();
      await primary[Symbol.asyncDispose]();
    },
  };
}

export interface Sentinels extends AsyncDisposable {
  readonly name: string;
  readonly ports: readonly number[];
}

const NAME = "shop";

export async function startSentinels(program: string, primary: number): Promise<Sentinels> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-sentinel-"));
  const ports = await Promise.all([freePort(), freePort(), freePort()]);
  const children = ports.map((port) => {
    const file = join(folder, `${port}.conf`);
    writeFileSync(
      file,
      `port ${port}
      bind 127.0.0.1
      dir ${folder}
      sentinel monitor ${NAME} 127.0.0.1 ${primary} 2
      sentinel down-after-milliseconds ${NAME} 1000
      sentinel failover-timeout ${NAME} 4000`,
    );
    return spawn(program, [file, "--sentinel"], { stdio: "ignore" });
  });
  for (const port of ports) await until(async () => knowsAll(await infoOf(port)));
  return {
    name: NAME,
    ports,
    async [Symbol.asyncDispose]() {
      for (const child of children) {
        const exited = once(child, "exit");
        child.kill("SIGKILL");
        await exited;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Each of them has heard of the replica and of the two others. */
function knowsAll(info: string): boolean {
  return info.includes("slaves=1,sentinels=3");
}

export async function infoOf(port: number): Promise<string> {
  const redis = new Redis({ port, host: "127.0.0.1", maxRetriesPerRequest: 0, retryStrategy: () => null });
  redis.on("error", () => {}); // it is not there yet
  try {
    return await redis.info();
  } finally {
    redis.disconnect();
  }
}
