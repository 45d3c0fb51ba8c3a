/** A Redis server for one suite: on a free port of this machine, in a folder of its own, ended with the suite. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { executable, type Probe } from "../requires.ts";
import { freePort } from "./free-port.ts";

export function findRedisServer(): Probe<string> {
  return executable("/usr/bin/redis-server", "/usr/local/bin/redis-server", "/opt/homebrew/bin/redis-server");
}

export interface RedisServer extends AsyncDisposable {
  readonly port: number;
  /** Stops the process where it stands, as a machine that hangs: connections stay open, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Ends the process at once, as a machine that loses its power. */
  kill(): Promise<void>;
  readonly isAlive: boolean;
  /** What the server wrote to its disk, all of it. */
  readonly folder: string;
}

export async function startRedis(program: string, ...settings: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-redis-"));
  const port = await freePort();
  const args = ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "", ...settings];
  const child = spawn(program, args, { stdio: "ignore" });
  await answers(port, child);
  const kill = async (): Promise<void> => {
    if (hasEnded(child)) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  return {
    port,
    folder,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill,
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

/** A way to a server that can be cut: what is sent meanwhile never gets there. */
export interface Wire extends AsyncDisposable {
  readonly port: number;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

export async function layWire(to: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return void socket.destroy();
    const onward = connect(to, "127.0.0.1");
    for (const end of [socket, onward]) {
      sockets.add(end);
      end
        .on("error", () => {})
        .on("close", () => {
          sockets.delete(end);
          socket.destroy();
          onward.destroy();
        });
    }
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const hangUp = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    async cut() {
      isCut = true;
      hangUp();
    },
    async mend() {
      isCut = false;
    },
    async [Symbol.asyncDispose]() {
      hangUp();
      server.close();
      await once(server, "close");
    },
  };
}

/** Asks until it is so: for what another process or the other end of a socket does in its own time. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo().catch(() => false))) await delay(10);
}
