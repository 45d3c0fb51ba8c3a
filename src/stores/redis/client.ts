/** What the store asks of a client, and how the known drivers give it. None of them is imported. */
import { InvalidOptionError } from "../../errors.ts";
import { fieldIn } from "../plaintext.ts";

export type RedisArgument = string | Buffer;

/**
 * Any client: sends one command and answers what the server said, with every bulk string as a `Buffer`. An error that
 * the server answered rejects with an `Error` whose message begins with its word, such as `OOM`.
 */
export interface RedisSender {
  /**
   * `key`, where the command is about one: a client of Redis Cluster sends it to the node that has the key's slot.
   * `signal` aborts when nobody waits for the answer any more. What was not sent by then need not be.
   */
  send(args: readonly RedisArgument[], key?: string, signal?: AbortSignal): Promise<unknown>;
  /**
   * Of Redis Cluster only, and then needed: one sender for each primary there is now. It sends to that node whatever the
   * command is about, and hands on `MOVED` as an error.
   */
  primaries?(): Promise<readonly RedisSender[]>;
}

/** ioredis and iovalkey, also behind Sentinel, and their `Cluster`. */
export interface IoredisLike {
  callBuffer(command: string, ...args: RedisArgument[]): Promise<unknown>;
  readonly isCluster?: boolean;
  nodes?(role?: "master"): readonly IoredisLike[];
  readonly options?: object;
  /** Of a client that is connected to one server. */
  readonly stream?: Gathering;
}

/** What a socket can do. */
interface Gathering {
  cork(): void;
  uncork(): void;
  readonly writableCorked: number;
}

interface NodeRedisOptions {
  readonly typeMapping?: { readonly [BULK_STRING]: typeof Buffer };
  readonly abortSignal?: AbortSignal;
  readonly timeout?: number;
}

/** node-redis: what `createClient` and `createClientPool` answer. */
export interface NodeRedisLike {
  sendCommand(args: readonly RedisArgument[], options?: NodeRedisOptions): Promise<unknown>;
  withTypeMapping(typeMapping: object): unknown;
}

/** node-redis: what `createSentinel` answers. */
export interface NodeRedisSentinelLike {
  sendCommand(
    isReadonly: boolean | undefined,
    args: readonly RedisArgument[],
    options?: NodeRedisOptions,
  ): Promise<unknown>;
  getMasterNode(): unknown;
}

/** node-redis: what `createCluster` answers. */
export interface NodeRedisClusterLike {
  sendCommand(
    firstKey: RedisArgument | undefined,
    isReadonly: boolean | undefined,
    args: readonly RedisArgument[],
    options?: NodeRedisOptions,
  ): Promise<unknown>;
  readonly masters: readonly object[];
  nodeClient(node: object): Promise<NodeRedisLike>;
}

export type RedisClient =
  | RedisSender
  | IoredisLike
  | NodeRedisLike
  | NodeRedisSentinelLike
  | NodeRedisClusterLike;

/** "$", as node-redis names the type of reply. */
const BULK_STRING = 36;
const AS_BUFFERS: NodeRedisOptions = { typeMapping: { [BULK_STRING]: Buffer } };

/**
 * Bulk strings as buffers, and a command that waits for a connection taken back when nobody waits for it. That is also
 * what the driver's own timeout is for, which makes a timer and a signal for each command: as much work as a read.
 */
function optionsUntil(signal: AbortSignal | undefined): NodeRedisOptions {
  return signal ? { ...AS_BUFFERS, abortSignal: signal, timeout: 0 } : AS_BUFFERS;
}

/** Throws `InvalidOptionError` for anything that is no client, and for one that reads from replicas. */
export function senderOf(client: RedisClient, name = "client"): RedisSender {
  if (typeof client !== "object" || client === null) throw noClient(name);
  if (isIoredis(client)) {
    refuseKeyPrefix(client, name);
    if ("isCluster" in client && client.isCluster === true) return ioredisCluster(client, name);
    return {
      send([command = "", ...args]) {
        gather(client.stream);
        return client.callBuffer(String(command), ...args);
      },
    };
  }
  if (isNodeRedisCluster(client)) {
    return {
      send: (args, key, signal) => client.sendCommand(key, false, args, optionsUntil(signal)),
      primaries: async () =>
        (await Promise.all(client.masters.map((node) => client.nodeClient(node)))).map((node) =>
          senderOf(node),
        ),
    };
  }
  if (isNodeRedisSentinel(client)) {
    return { send: (args, _, signal) => client.sendCommand(false, args, optionsUntil(signal)) };
  }
  if (isNodeRedis(client)) {
    return { send: (args, _, signal) => client.sendCommand(args, optionsUntil(signal)) };
  }
  if (isSender(client)) return client;
  throw noClient(name);
}

/**
 * What is sent in one turn of the event loop goes to the server at its end, at once, as node-redis does by itself. The
 * system calls for each command would cost more than all the rest of a read.
 */
function gather(socket: Gathering | undefined): void {
  if (!socket || socket.writableCorked > 0) return;
  socket.cork();
  setImmediate(() => socket.uncork());
}

/** It would stand in front of the keys that a command names, and not of those that a script finds by itself. */
function refuseKeyPrefix(client: IoredisLike, name: string): void {
  const prefixes = [["keyPrefix"], ["redisOptions", "keyPrefix"]].map((path) =>
    fieldIn(client, "options", ...path),
  );
  if (prefixes.every((prefix) => prefix === undefined || prefix === null || prefix === "")) return;
  throw new InvalidOptionError(
    name,
    'must have no keyPrefix: give the store a `prefix`, and a client of its own (client.duplicate({ keyPrefix: "" }))',
  );
}

/** They find the slot by the command's arguments, and refuse nothing that a replica could answer late. */
function ioredisCluster(client: IoredisLike, name: string): RedisSender {
  const { options } = client;
  if (options && "scaleReads" in options && options.scaleReads !== "master") {
    throw new InvalidOptionError(
      name,
      'must read from primaries (scaleReads: "master"): a replica may not know yet that a session ended',
    );
  }
  return {
    send: ([command = "", ...args]) => client.callBuffer(String(command), ...args),
    primaries: async () => (client.nodes?.("master") ?? []).map((node) => senderOf(node)),
  };
}

function isIoredis(client: RedisClient): client is IoredisLike {
  return hasMethod(client, "callBuffer");
}

function isNodeRedisCluster(client: RedisClient): client is NodeRedisClusterLike {
  return hasMethod(client, "sendCommand") && hasMethod(client, "nodeClient") && "masters" in client;
}

function isNodeRedisSentinel(client: RedisClient): client is NodeRedisSentinelLike {
  return hasMethod(client, "sendCommand") && hasMethod(client, "getMasterNode");
}

function isNodeRedis(client: RedisClient): client is NodeRedisLike {
  return hasMethod(client, "sendCommand") && hasMethod(client, "withTypeMapping");
}

function isSender(client: RedisClient): client is RedisSender {
  return hasMethod(client, "send");
}

function hasMethod(client: object, method: string): boolean {
  return method in client && typeof Reflect.get(client, method) === "function";
}

function noClient(name: string): InvalidOptionError {
  return new InvalidOptionError(
    name,
    "must be a client of redis, ioredis or iovalkey, or an object with send(args)",
  );
}
