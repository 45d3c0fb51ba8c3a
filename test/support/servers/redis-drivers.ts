/** The drivers of the Redis store, each connected as the guide shows. */

import { Redis } from "ioredis";
import { Redis as Valkey } from "iovalkey";
import { createClient } from "redis";
import type { RedisClient } from "../../../src/stores/redis.ts";

export interface Connected {
  readonly client: RedisClient;
  close(): void;
}

/** What is sent while there is no connection fails at once, and is not sent later. */
export const DRIVERS: Readonly<Record<string, (url: string) => Promise<Connected>>> = {
  async "node-redis"(url) {
    const client = createClient({ url, disableOfflineQueue: true, socket: { reconnectStrategy: () => 20 } });
    client.on("error", () => {}); // what it means for a call, the call says
    await client.connect();
    return { client, close: () => client.destroy() };
  },
  async ioredis(url) {
    const client = new Redis(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      lazyConnect: true,
      retryStrategy: () => 20,
    });
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
  async iovalkey(url) {
    const client = new Valkey(url, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      lazyConnect: true,
      retryStrategy: () => 20,
    });
    client.on("error", () => {});
    await client.connect();
    return { client, close: () => client.disconnect() };
  },
};
