// A Redis server: the one of REDIS_URL, which must be empty and is emptied again, or one of our own.
import { Redis } from "ioredis";
import type { Probe } from "../../../test/support/requires.ts";
import { findRedisServer, startRedis } from "../../../test/support/servers/redis.ts";
import { ignore, type Site } from "./site.ts";

export function redisSite(): Probe<() => Promise<Site>> {
  const { REDIS_URL } = process.env;
  if (REDIS_URL) return { found: () => siteAt(REDIS_URL) };
  const program = findRedisServer();
  if ("missing" in program) return program;
  return {
    async found() {
      const server = await startRedis(program.found);
      return siteAt(`redis://127.0.0.1:${server.port}`, server);
    },
  };
}

async function siteAt(url: string, server?: AsyncDisposable): Promise<Site> {
  const client = new Redis(url);
  client.on("error", ignore);
  const version = /redis_version:(\S+)/.exec(await client.info("server"))?.[1] ?? "unknown";
  if ((await client.info("keyspace")).includes("keys=")) {
    client.disconnect();
    throw new Error("the server of REDIS_URL holds keys, and the benchmark wants to empty it");
  }
  return {
    server: { name: "Redis", version },
    async fresh(turn) {
      await client.select(turn);
      await client.flushdb();
      const place = new URL(url);
      place.pathname = String(turn);
      return place.href;
    },
    /** Commands that a script runs are part of it: one was sent. Statistics of the server would count them as well. */
    async count(act) {
      const monitor = await client.monitor();
      let commands = 0;
      const marks: string[] = [];
      monitor.on("monitor", (_time, [command = "", text = ""]: string[], source: string) => {
        if (command.toLowerCase() === "echo") marks.push(text);
        else if (source !== "lua" && marks.length === 1) commands++;
      });
      await client.echo("begin");
      const result = await act();
      await client.echo("end");
      while (marks.length < 2) await client.ping();
      monitor.disconnect();
      return { commands, result };
    },
    async [Symbol.asyncDispose]() {
      if (!server) await client.flushall();
      client.disconnect();
      await server?.[Symbol.asyncDispose]();
    },
  };
}
