/** `sojourn/stores/redis`: sessions in Redis or Valkey, shared by any number of machines. */
import { refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Guarantees, SessionStore } from "./contract.ts";
import { plaintextHost } from "./plaintext.ts";
import { type RedisClient, senderOf } from "./redis/client.ts";
import { endpointsOf } from "./redis/endpoints.ts";
import { Keyspace } from "./redis/keyspace.ts";
import { Link } from "./redis/link.ts";
import { RedisSessionStore } from "./redis/store.ts";

export type { IoredisLike, NodeRedisLike, RedisArgument, RedisClient, RedisSender } from "./redis/client.ts";

export interface RedisStoreOptions {
  /**
   * In front of every key. Stores with different prefixes share a server and know nothing of each other. Default
   * `"sojourn:"`. 1 to 100 printable ASCII characters.
   */
  readonly prefix?: string;
  /**
   * Whether the connection may leave this machine without TLS in production. Default `false`: `createSessions` refuses
   * it where the client shows it. `true`: whoever is on that network reads user ids and data, and can end or change
   * sessions.
   */
  readonly allowPlaintext?: boolean;
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
 * Keeps sessions in Redis 6.2 or later, or Valkey, on a single server or behind Sentinel; not in Redis Cluster yet.
 *
 * `client` is a connected client of `redis` (node-redis) 5 or 6, `ioredis` 5 or 6, or `iovalkey`, or an object with
 * `send(args)`. It stays yours: the store never closes it. A read is one `GET`, a write is one script.
 *
 * Throws `InvalidOptionError` at once for an impossible client or option. Everything else shows at `open()`, as
 * `StoreFault`; what should be set otherwise on the server, such as eviction, `open()` answers as warnings.
 */
export function redisStore(client: RedisClient, options: RedisStoreOptions = {}): SessionStore {
  refuseUnknownKeys(options, ["prefix", "allowPlaintext"], "redisStore");
  const { prefix = "sojourn:" } = options;
  if (typeof prefix !== "string" || !/^[\x21-\x7e]{1,100}$/.test(prefix)) {
    throw new InvalidOptionError("redisStore.prefix", "must be 1 to 100 printable ASCII characters");
  }
  const link = new Link(senderOf(client));
  const plaintextTo = plaintextHost(endpointsOf(client), options.allowPlaintext);
  return new RedisSessionStore(link, new Keyspace(prefix), GUARANTEES, plaintextTo);
}
