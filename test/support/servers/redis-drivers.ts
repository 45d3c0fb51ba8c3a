/** The drivers of the Redis store, each connected as the guide shows: in both majors, to one server and to a cluster. */

import { Cluster as IoredisCluster, Redis } from "ioredis";
import { Cluster as Ioredis5Cluster, Redis as Redis5 } from "ioredis-5";
import { Redis as Valkey, Cluster as ValkeyCluster } from "iovalkey";
import { createClient, createCluster, createSentinel } from "redis";
import { createClient as createClient5, createCluster as createCluster5 } from "redis-5";
import type { RedisClient } from "../../../src/stores/redis.ts";

export interface Connected {
  readonly client: RedisClient;
  close(): void;
}

type Connect = (url: string) => Promise<Connected>;
type ConnectToCluster = (ports: readonly number[]) => Promise<Connected>;

/** What is sent while there is no connection fails at once, and is not sent later. */
const NODE_REDIS = { disableOfflineQueue: true, socket: { reconnectStrategy: () => 20 } } as const;
const IOREDIS = {
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  lazyConnect: true,
  retryStrategy: () => 20,
} as const;

interface Emitter {
  on(event: "error", listener: () => void): unknown;
  connect(): Promise<unknown>;
}

/** What an error means for a call, the call says. */
async function connected<C extends RedisClient & Emitter>(client: C, close: () => void): Promise<Connected> {
  client.on("error", () => {});
  await client.connect();
  return { client, close };
}

export const DRIVERS: Readonly<Record<string, Connect>> = {
  async "node-redis"(url) {
    const client = createClient({ url, ...NODE_REDIS });
    return connected(client, () => client.destroy());
  },
  async ioredis(url) {
    const client = new Redis(url, IOREDIS);
    return connected(client, () => client.disconnect());
  },
  async iovalkey(url) {
    const client = new Valkey(url, IOREDIS);
    return connected(client, () => client.disconnect());
  },
};

/** The majors before these. */
export const OLDER_DRIVERS: Readonly<Record<string, Connect>> = {
  async "node-redis 5"(url) {
    const client = createClient5({ url, ...NODE_REDIS });
    return connected(client, () => client.destroy());
  },
  async "ioredis 5"(url) {
    const client = new Redis5(url, IOREDIS);
    return connected(client, () => client.disconnect());
  },
};

const localhost = (ports: readonly number[]) => ports.map((port) => ({ host: "127.0.0.1", port }));

/** Waits for what comes of a failover, for as long as a session call lasts anyway. */
const IOREDIS_CLUSTER = {
  lazyConnect: true,
  slotsRefreshTimeout: 2000,
  clusterRetryStrategy: () => 50,
} as const;

const nodeRedisCluster = (ports: readonly number[]) => ({
  rootNodes: ports.map((port) => ({ url: `redis://127.0.0.1:${port}` })),
  defaults: NODE_REDIS,
});

export const CLUSTER_DRIVERS: Readonly<Record<string, ConnectToCluster>> = {
  async "node-redis"(ports) {
    const client = createCluster(nodeRedisCluster(ports));
    return connected(client, () => client.destroy());
  },
  async "node-redis 5"(ports) {
    const client = createCluster5(nodeRedisCluster(ports));
    return connected(client, () => client.destroy());
  },
  async ioredis(ports) {
    const client = new IoredisCluster(localhost(ports), IOREDIS_CLUSTER);
    return connected(client, () => client.disconnect());
  },
  async "ioredis 5"(ports) {
    const client = new Ioredis5Cluster(localhost(ports), IOREDIS_CLUSTER);
    return connected(client, () => client.disconnect());
  },
  async iovalkey(ports) {
    const client = new ValkeyCluster(localhost(ports), IOREDIS_CLUSTER);
    return connected(client, () => client.disconnect());
  },
};

type ConnectBySentinels = (name: string, ports: readonly number[]) => Promise<Connected>;

export const SENTINEL_DRIVERS: Readonly<Record<string, ConnectBySentinels>> = {
  async "node-redis"(name, ports) {
    const client = createSentinel({
      name,
      sentinelRootNodes: localhost(ports),
      nodeClientOptions: NODE_REDIS,
      scanInterval: 200,
    });
    return connected(client, () => void client.destroy());
  },
  async ioredis(name, ports) {
    const client = new Redis({ ...IOREDIS, name, sentinels: localhost(ports) });
    return connected(client, () => client.disconnect());
  },
  async iovalkey(name, ports) {
    const client = new Valkey({ ...IOREDIS, name, sentinels: localhost(ports) });
    return connected(client, () => client.disconnect());
  },
};
