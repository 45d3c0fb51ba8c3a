/** One more connection like that of a client, for listening alone, and how the known drivers make it. */
import { InvalidOptionError } from "../../errors.ts";

/** A client of a single server, or behind Sentinel, of ioredis, iovalkey or node-redis. */
export interface RedisDuplicable {
  duplicate(overrides: object): unknown;
}

/** A connection of ours. It is used once, and not connected again when it is lost. */
export interface RedisLine {
  readonly lost: Promise<unknown>;
  connect(): Promise<unknown>;
  command(...args: readonly string[]): Promise<unknown>;
  /** Messages as they come: bytes, or an array of them, or nothing. */
  subscribe(channel: string, onMessage: (message: unknown) => void): Promise<unknown>;
  close(): void;
}

interface Emitter {
  on(event: string, listener: (...args: readonly unknown[]) => void): unknown;
}

interface IoredisLine extends Emitter {
  connect(): Promise<unknown>;
  call(command: string, ...args: readonly string[]): Promise<unknown>;
  subscribe(channel: string): Promise<unknown>;
  disconnect(): void;
}

interface NodeRedisLine extends Emitter {
  connect(): Promise<unknown>;
  sendCommand(args: readonly string[]): Promise<unknown>;
  subscribe(channel: string, listener: (message: unknown) => void, asBuffers: true): Promise<unknown>;
  destroy(): void;
}

/**
 * All speak the second version of the protocol here: in the third, each driver does something else with what the server
 * says unasked. Throws `InvalidOptionError` for anything that is none of them.
 */
export function lineMaker(client: RedisDuplicable): () => RedisLine {
  if (typeof client !== "object" || client === null || !hasMethod(client, "duplicate")) throw noClient();
  if ("isCluster" in client && client.isCluster === true) throw noClient();
  if (hasMethod(client, "nodeClient") || hasMethod(client, "getMasterNode")) throw noClient();
  if (hasMethod(client, "callBuffer")) return () => ofIoredis(client);
  if (hasMethod(client, "sendCommand")) return () => ofNodeRedis(client);
  throw noClient();
}

function ofIoredis(client: RedisDuplicable): RedisLine {
  const line = client.duplicate({
    protocol: 2,
    replyMapping: undefined,
    lazyConnect: true,
    autoResubscribe: false,
    enableOfflineQueue: false,
    retryStrategy: null,
  }) as IoredisLine;
  return {
    lost: gone(line, "end"),
    connect: () => line.connect(),
    command: (command = "", ...args) => line.call(command, ...args),
    subscribe(channel, onMessage) {
      line.on("messageBuffer", (_, message) => onMessage(message));
      return line.subscribe(channel);
    },
    close: () => line.disconnect(),
  };
}

function ofNodeRedis(client: RedisDuplicable): RedisLine {
  const { socket = {} } = "options" in client ? Object(client.options) : {};
  const line = client.duplicate({
    RESP: 2,
    maintNotifications: "disabled",
    emitInvalidate: false,
    clientSideCache: undefined,
    pingInterval: undefined,
    socket: { ...socket, reconnectStrategy: false },
  }) as NodeRedisLine;
  let isOpen = true;
  return {
    lost: gone(line, "error", "end"),
    connect: () => line.connect(),
    command: (...args) => line.sendCommand(args),
    subscribe: (channel, onMessage) => line.subscribe(channel, onMessage, true),
    close() {
      if (!isOpen) return;
      isOpen = false;
      try {
        line.destroy();
      } catch {} // it was never open, or has closed by itself
    },
  };
}

/** Errors are listened to in any case: one that nobody hears ends the process. */
function gone(line: Emitter, ...events: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    line.on("error", () => {});
    for (const event of events) line.on(event, () => resolve());
  });
}

function hasMethod(client: object, method: string): boolean {
  return method in client && typeof Reflect.get(client, method) === "function";
}

function noClient(): InvalidOptionError {
  return new InvalidOptionError(
    "client",
    "must be a client of redis, ioredis or iovalkey for a single server, with duplicate()",
  );
}
