/** A Redis server for one suite: on a free port of this machine, in a folder of its own, ended with the suite. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { executable, type Probe } from "../requires.ts";
import { freePort } from "./free-port.ts";
import type { OwnServer } from "./own-server.ts";

export function findRedisServer(): Probe<string> {
  return executable("/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server");
}

export interface RedisServer extends OwnServer {
  readonly isAlive: boolean;
  readonly pid: number;
  /** What the server wrote to its disk, all of it. */
  readonly folder: string;
}

export async function startRedis(program: string, ...settings: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-redis-"));
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...settings];
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn(program, args, { stdio: "ignore" });
    await answers(port, child);
  };
  const kill = async (): Promise<void> => {
    if (hasEnded(child)) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  await start();
  return {
    port,
    folder,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill,
    start,
    get pid() {
      return child.pid ?? 0;
    },
    get isAlive() {
      return !hasEnded(child);
    },
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function answers(port: number, child: ChildProcess): Promise<void> {
  const client = new Redis({ port, host: "127.0.0.1", retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on("error", () => {}); // it is not there yet
  const died = once(child, "exit").then(() => Promise.reject(new Error("redis-server did not start")));
  try {
    await Promise.race([client.ping(), died]);
  } finally {
    client.disconnect();
    died.catch(() => {});
  }
}
