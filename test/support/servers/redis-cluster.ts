/** Six Redis servers as one cluster on this machine: three primaries, each with a replica. */
import { Redis } from "ioredis";
import { freePort } from "./free-port.ts";
import { type RedisServer, startRedis } from "./redis.ts";
import { until } from "./wire.ts";

export interface RedisCluster extends AsyncDisposable {
  readonly nodes: readonly RedisServer[];
  /** Of all primaries there are, the ports and the slots they have. */
  shares(): Promise<readonly Share[]>;
  /** The same on each primary, past all routing. */
  onPrimaries<T>(act: (redis: Redis) => Promise<T>): Promise<readonly T[]>;
}

interface Share {
  readonly server: RedisServer;
  readonly from: number;
  readonly to: number;
}

/** When a node that does not answer counts as dead. */
const NODE_TIMEOUT_MS = 1000;
const SLOTS = 16_384;
const PRIMARIES = 3;

export async function startCluster(program: string, ...settings: readonly string[]): Promise<RedisCluster> {
  const busPort = await freePort();
  const nodes = await Promise.all(
    Array.from({ length: 2 * PRIMARIES }, async (_, i) =>
      startRedis(
        program,
        "--cluster-enabled",
        "yes",
        "--cluster-node-timeout",
        String(NODE_TIMEOUT_MS),
        "--cluster-port",
        String(i === 0 ? busPort : await freePort()),
        "--repl-diskless-sync-delay",
        "0",
        ...settings,
      ),
    ),
  );
  const dispose = async (): Promise<void> => {
    await Promise.all(nodes.map((node) => node[Symbol.asyncDispose]()));
  };
  try {
    await form(nodes, busPort);
  } catch (error) {
    await dispose();
    throw error;
  }
  const shares = async (): Promise<readonly Share[]> => {
    const [alive] = nodes.filter((node) => node.isAlive);
    if (!alive) return [];
    const found = await asked(alive, (redis) => redis.cluster("SLOTS"));
    return found.flatMap(([from, to, primary]) => {
      const server = nodes.find((node) => node.port === Number(primary?.[1]));
      return server ? [{ server, from, to }] : [];
    });
  };
  return {
    nodes,
    shares,
    onPrimaries: async (act) =>
      Promise.all([...new Set((await shares()).map(({ server }) => server))].map((one) => asked(one, act))),
    [Symbol.asyncDispose]: dispose,
  };
}

/** As `redis-cli --cluster create` does it, without its pauses. */
async function form(nodes: readonly RedisServer[], busPort: number): Promise<void> {
  const clients = nodes.map(({ port }) => new Redis({ port, host: "127.0.0.1" }));
  const [first] = nodes;
  try {
    const share = Math.ceil(SLOTS / PRIMARIES);
    await Promise.all(
      clients.map(async (client, i) => {
        await client.call("CLUSTER", "SET-CONFIG-EPOCH", String(i + 1));
        if (i >= PRIMARIES) return;
        const last = Math.min((i + 1) * share, SLOTS) - 1;
        await client.call("CLUSTER", "ADDSLOTSRANGE", String(i * share), String(last));
      }),
    );
    for (const client of clients.slice(1)) {
      await client.call("CLUSTER", "MEET", "127.0.0.1", String(first?.port), String(busPort));
    }
    const ids = await Promise.all(
      clients.map(async (client) => String(await client.call("CLUSTER", "MYID"))),
    );
    await Promise.all(
      clients.slice(PRIMARIES).map((client, i) =>
        // It takes a moment until the replica has heard of its primary.
        until(async () => (await client.call("CLUSTER", "REPLICATE", ids[i] ?? "")) === "OK"),
      ),
    );
    await Promise.all(clients.map((client, i) => until(() => isReady(client, i >= PRIMARIES))));
  } finally {
    for (const client of clients) client.disconnect();
  }
}

async function isReady(client: Redis, isReplica: boolean): Promise<boolean> {
  const state = String(await client.call("CLUSTER", "INFO"));
  if (!state.includes("cluster_state:ok")) return false;
  const known = String(await client.call("CLUSTER", "NODES"))
    .trim()
    .split("\n");
  if (known.filter((line) => / (myself,)?slave /.test(line)).length < PRIMARIES) return false;
  return !isReplica || String(await client.call("INFO", "replication")).includes("master_link_status:up");
}

async function asked<T>(server: RedisServer, act: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis({ port: server.port, host: "127.0.0.1" });
  try {
    return await act(redis);
  } finally {
    redis.disconnect();
  }
}
