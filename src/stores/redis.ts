/** `sojourn/stores/redis`: sessions in Redis or Valkey, shared by any number of machines. */
import { durationOption } from "../core/duration.ts";
import { refuseUnknownKeys } from "../core/option-checks.ts";
import type { Duration } from "../core/types.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Guarantees, SessionStore } from "./contract.ts";
import type { Invalidations } from "./invalidations.ts";
import { keepListening } from "./listening.ts";
import { plaintextHost } from "./plaintext.ts";
import { type RedisClient, senderOf } from "./redis/client.ts";
import { Confirmation } from "./redis/confirmation.ts";
import { endpointsOf } from "./redis/endpoints.ts";
import { spellRedis, trackingDial } from "./redis/invalidations.ts";
import { Keyspace } from "./redis/keyspace.ts";
import { lineMaker, type RedisDuplicable } from "./redis/lines.ts";
import { Link } from "./redis/link.ts";
import { RedisSessionStore } from "./redis/store.ts";

export type {
  IoredisLike,
  NodeRedisClusterLike,
  NodeRedisLike,
  NodeRedisSentinelLike,
  RedisArgument,
  RedisClient,
  RedisSender,
} from "./redis/client.ts";
export type { RedisDuplicable } from "./redis/lines.ts";

export interface RedisStoreOptions {
  /**
   * In front of every key. Stores with different prefixes share a server and know nothing of each other. Default
   * `"sojourn:"`. 1 to 100 printable ASCII characters, no braces.
   */
  readonly prefix?: string;
  /**
   * Whether the connection may leave this machine without TLS in production. Default `false`: `createSessions` refuses
   * it where the client shows it. `true`: whoever is on that network reads user ids and data, and can end or change
   * sessions.
   */
  readonly allowPlaintext?: boolean;
  /**
   * Whether all sessions of a user lie in one slot, as a cluster needs it. Default: `true` for a client of Redis Cluster,
   * which takes nothing else, and `false` for all others. With `true` a single server can become a cluster later, with
   * its sessions; it cannot be switched where there are sessions.
   */
  readonly slots?: boolean;
  /** Waits for replicas wherever sessions are ended. Default: an end is answered when the primary has it. */
  readonly confirmEnds?: ConfirmEnds;
}

/**
 * `delete`, `deleteByUser`, `erase`, `deleteAll`, and `create` with `replaces`, resolve when replicas have the end too, so
 * that no failover to one of them brings a session back. Otherwise they fail with `StoreFault` kind `ambiguous`: the session ended on the primary,
 * and whether a failover keeps that is not known. Repeating it is harmless and confirms it later.
 */
export interface ConfirmEnds {
  /** A second client of the same servers, for nothing else: it waits, and holds up whatever else it is used for. */
  readonly client: RedisClient;
  /** How many replicas of a primary must have it. Default 1. */
  readonly replicas?: number;
  /** How long they may take. Default 500 ms; to be shorter than `storeTimeout`. */
  readonly within?: Duration;
}

const GUARANTEES: Guarantees = Object.freeze({
  cas: true,
  noRevival: true,
  revokeUser: true,
  userIndex: true,
  slots: false,
  expiry: "native",
  shared: "network",
  durable: "server-config",
  maxBytes: 1_048_576,
});

/**
 * Keeps sessions in Redis 6.2 or later, or Valkey: on a single server, behind Sentinel, or in a cluster.
 *
 * `client` is a connected client of `redis` (node-redis) 5 or 6, `ioredis` 5 or 6, or `iovalkey`, or an object with
 * `send(args, key)`. It stays yours: the store never closes it. A read is one `GET`, a write is one script.
 *
 * Throws `InvalidOptionError` at once for an impossible client or option. Everything else shows at `open()`, as
 * `StoreFault`; what should be set otherwise on the server, such as eviction, `open()` answers as warnings.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): SessionStore {
  refuseUnknownKeys(options, ["prefix", "slots", "confirmEnds", "allowPlaintext"], "redisStore");
  const { confirmEnds } = options;
  const prefix = prefixIn(options, "redisStore");
  const link = new Link(senderOf(client));
  const { slots = link.isCluster } = options;
  if (typeof slots !== "boolean") throw new InvalidOptionError("redisStore.slots", "must be true or false");
  if (link.isCluster && !slots) {
    throw new InvalidOptionError("redisStore.slots", "must be true for a client of Redis Cluster");
  }
  const confirmation = confirmEnds ? confirmationOf(confirmEnds, client) : null;
  const guarantees = slots ? Object.freeze({ ...GUARANTEES, slots }) : GUARANTEES;
  const plaintextTo = plaintextHost(endpointsOf(client), options.allowPlaintext);
  return new RedisSessionStore(link, new Keyspace(prefix, slots), { guarantees, confirmation, plaintextTo });
}

/**
 * Tells a cache (`tiered`) of every change in a Redis store, by whichever process: by a connection of its own, made like
 * that of `client` and made anew when it is lost. The server itself watches the keys (`CLIENT TRACKING`).
 *
 * `client` is one of `redis`, `ioredis` or `iovalkey` for a single server, or of the latter two behind Sentinel, such as
 * the store's own. It stays untouched. `prefix`: the store's. Throws `InvalidOptionError` at once for anything else.
 */
export function redisInvalidations(
  client: RedisDuplicable,
  options: Pick<RedisStoreOptions, "prefix"> = {},
): Invalidations {
  refuseUnknownKeys(options, ["prefix"], "redisInvalidations");
  const dial = trackingDial(lineMaker(client), prefixIn(options, "redisInvalidations"));
  return { listen: (listener) => keepListening(dial, spellRedis, listener) };
}

function prefixIn({ prefix = "sojourn:" }: RedisStoreOptions, name: string): string {
  if (typeof prefix === "string" && /^[\x21-\x7a|~]{1,100}$/.test(prefix)) return prefix;
  throw new InvalidOptionError(
    `${name}.prefix`,
    "must be 1 to 100 printable ASCII characters, without braces",
  );
}

function confirmationOf(options: ConfirmEnds, other: RedisClient): Confirmation {
  refuseUnknownKeys(options, ["client", "replicas", "within"], "redisStore.confirmEnds");
  const { client, replicas = 1, within } = options;
  const sender = senderOf(client, "redisStore.confirmEnds.client");
  if (client === other || "execute" in client) {
    throw new InvalidOptionError(
      "redisStore.confirmEnds.client",
      "must be a client of its own, with one connection: no pool, and not the one that the store uses",
    );
  }
  if (!Number.isInteger(replicas) || replicas < 1 || replicas > 100) {
    throw new InvalidOptionError("redisStore.confirmEnds.replicas", "must be a whole number from 1 to 100");
  }
  const withinMs = durationOption("redisStore.confirmEnds.within", within, 500);
  return new Confirmation(new Link(sender), replicas, withinMs);
}
