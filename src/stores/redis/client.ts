/** The one thing the store asks of a client, and how the known drivers give it. None of them is imported. */
import { InvalidOptionError } from "../../errors.ts";

export type RedisArgument = string | Buffer;

/**
 * Any client: sends one command and answers what the server said, with every bulk string as a `Buffer`. An error that
 * the server answered rejects with an `Error` whose message begins with its word, such as `OOM`.
 */
export interface RedisSender {
  send(args: readonly RedisArgument[]): Promise<unknown>;
}

/** ioredis and iovalkey, also behind Sentinel. */
export interface IoredisLike {
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>;
  readonly isCluster?: boolean;
}

/** node-redis: what `createClient` and `createClientPool` answer. */
export interface NodeRedisLike {
  sendCommand(
    args: readonly RedisArgument[],
    options?: { readonly typeMapping?: { readonly [BULK_STRING]: typeof Buffer } },
  ): Promise<unknown>;
  withTypeMapping(typeMapping: object): unknown;
}

export type RedisClient = RedisSender | IoredisLike | NodeRedisLike;

/** "$", as node-redis names the type of reply. */
const BULK_STRING = 36;
const AS_BUFFERS = { typeMapping: { [BULK_STRING]: Buffer } } as const;

export type Send = (args: readonly RedisArgument[]) => Promise<unknown>;

/** Throws `InvalidOptionError` for anything that is no client of a single server. */
export function senderOf(client: RedisClient): Send {
  if (typeof client !== "object" || client === null) throw noClient();
  if (isCluster(client)) {
    throw new InvalidOptionError("client", "must be of a single server: Redis Cluster is not supported yet");
  }
  if (has(client, "callBuffer")) {
    return ([command = "", ...args]) => client.callBuffer(String(command), ...args);
  }
  if (has(client, "sendCommand") && has(client, "withTypeMapping")) {
    return (args) => client.sendCommand(args, AS_BUFFERS);
  }
  if (has(client, "send")) return (args) => client.send(args);
  throw noClient();
}

function has<K extends "callBuffer" | "sendCommand" | "withTypeMapping" | "send">(
  client: RedisClient,
  method: K,
): client is Extract<RedisClient, Record<K, unknown>> {
  return method in client && typeof Reflect.get(client, method) === "function";
}

/** Their clients for Cluster, and node-redis's for Sentinel, take a command in another way. */
function isCluster(client: object): boolean {
  if ("isCluster" in client && client.isCluster === true) return true;
  return "sendCommand" in client && ("nodeClient" in client || "getMasterNode" in client);
}

function noClient(): InvalidOptionError {
  return new InvalidOptionError(
    "client",
    "must be a client of redis, ioredis or iovalkey, or an object with send(args)",
  );
}
