/** What is looked at before the first session: how the server is set up, or each primary of a cluster. */
import { StoreFault } from "../../errors.ts";
import { type Link, textIn, type Wait } from "./link.ts";

/** Machines that keep time by NTP are apart by far less; a session's shortest deadlines are minutes. */
const SKEW_WARNING_MS = 30_000;

/** What an operator should know. Throws for a server that cannot be used. */
export async function inspect(link: Link, wait: Wait): Promise<readonly string[]> {
  const primaries = await link.primaries(wait);
  const warnings = await Promise.all(primaries.map((node) => inspectOne(node, wait, link.isCluster)));
  return [...new Set(warnings.flat())];
}

async function inspectOne(link: Link, wait: Wait, isCluster: boolean): Promise<readonly string[]> {
  const info = await tryTo(() => link.command(wait, "INFO"));
  const before = Date.now();
  const time = await tryTo(() => link.command(wait, "TIME"));
  const after = Date.now();
  if (info === null) {
    return ["Redis store: INFO is not permitted, so that eviction and persistence could not be checked."];
  }
  const found = new Map(
    textIn(info)
      .split("\r\n")
      .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1)]),
  );
  if (!isCluster && found.get("cluster_enabled") === "1") {
    throw new StoreFault(
      "unavailable",
      "Redis store: the server is part of a cluster. Give the store a client for Redis Cluster, such as createCluster() " +
        "of redis, or Cluster of ioredis.",
    );
  }
  return [...settingsWarnings(found), ...clockWarnings(time, before, after)];
}

function settingsWarnings(info: ReadonlyMap<string, string>): readonly string[] {
  const warnings: string[] = [];
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (policy !== "noeviction") {
    warnings.push(
      `Redis store: maxmemory-policy is ${policy}. With its memory full the server may drop the list of a user's ` +
        "sessions, and sessions then outlive a revocation. Set it to noeviction.",
    );
  }
  if (info.get("aof_enabled") === "0") {
    warnings.push(
      "Redis store: the append-only file is off. After a crash, sessions that had ended since the last snapshot are " +
        "alive again, and new ones are gone. Set appendonly to yes.",
    );
  }
  return warnings;
}

function clockWarnings(time: unknown, before: number, after: number): readonly string[] {
  if (!Array.isArray(time)) return [];
  const [seconds, microseconds] = time.map((part) => Number(textIn(part)));
  const server = (seconds ?? 0) * 1000 + (microseconds ?? 0) / 1000;
  const skew = Math.max(server - after, before - server, 0);
  if (!(skew > SKEW_WARNING_MS)) return [];
  return [
    `Redis store: the clocks of this machine and of the server are ${Math.round(skew / 1000)} s apart. Deadlines go by ` +
      "the clocks of the machines that ask, which must agree: set them by NTP.",
  ];
}

/** `null` where the server does not permit it. */
async function tryTo(act: () => Promise<unknown>): Promise<unknown> {
  try {
    return await act();
  } catch (error) {
    if (error instanceof StoreFault && /\((NOPERM|ERR)\)/.test(error.message)) return null;
    throw error;
  }
}
