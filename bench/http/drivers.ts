// Connections to the stores' servers: the same driver and the same number of connections for all. Loaded where they are
// used, so that the memory of a server holds only what it needs.
import type { Pool as MysqlPool } from "mysql2";
import type { Pool } from "pg";
import type { RedisClientType } from "redis";

export async function redisClient(url: string): Promise<RedisClientType> {
  const { createClient } = await import("redis");
  const client: RedisClientType = createClient({ url });
  client.on("error", (error) => console.error("redis:", error));
  await client.connect();
  return client;
}

export async function postgresPool(url: string): Promise<Pool> {
  const { Pool } = await import("pg");
  return new Pool({ connectionString: url });
}

export async function mysqlPool(url: string): Promise<MysqlPool> {
  const { createPool } = await import("mysql2");
  return createPool({ uri: url });
}
