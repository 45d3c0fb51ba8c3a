import { Cluster, Redis } from "ioredis";
import { Redis as Valkey } from "iovalkey";
import { createPool } from "mysql2";
import { Client, Pool } from "pg";
import postgres from "postgres";
import { createClient, createCluster } from "redis";
import { describe, expect, it } from "vitest";
import { createSessions } from "../create-sessions.ts";
import type { SessionStore } from "./contract.ts";
import { mysqlStore } from "./mysql.ts";
import { type Endpoint, plaintextHost } from "./plaintext.ts";
import { postgresStore } from "./postgres.ts";
import { endpointsOf } from "./redis/endpoints.ts";
import { redisStore } from "./redis.ts";

const LAZY = { lazyConnect: true } as const;
const ORIGIN = "https://shop.example";

/** Clients as applications make them; none of these connects to anything. */
const STORES: readonly (readonly [what: string, store: () => SessionStore, to: string | undefined])[] = [
  ["node-redis by default", () => redisStore(createClient()), undefined],
  ["node-redis, redis://", () => redisStore(createClient({ url: "redis://kv.example" })), "kv.example"],
  ["node-redis, rediss://", () => redisStore(createClient({ url: "rediss://kv.example" })), undefined],
  ["node-redis, host", () => redisStore(createClient({ socket: { host: "kv.example" } })), "kv.example"],
  [
    "node-redis, host with tls",
    () => redisStore(createClient({ socket: { host: "kv.example", tls: true } })),
    undefined,
  ],
  [
    "node-redis, socket",
    () => redisStore(createClient({ socket: { path: "/run/kv.sock", tls: false } })),
    undefined,
  ],
  ["ioredis by default", () => redisStore(new Redis(LAZY)), undefined],
  ["ioredis, redis://", () => redisStore(new Redis("redis://kv.example", LAZY)), "kv.example"],
  ["ioredis, rediss://", () => redisStore(new Redis("rediss://kv.example", LAZY)), undefined],
  ["ioredis, tls", () => redisStore(new Redis({ ...LAZY, host: "kv.example", tls: {} })), undefined],
  ["ioredis, socket", () => redisStore(new Redis({ ...LAZY, path: "/run/kv.sock" })), undefined],
  [
    "ioredis behind Sentinel",
    () => redisStore(new Redis({ ...LAZY, sentinels: [{ host: "watch.example" }], name: "kv" })),
    "watch.example",
  ],
  [
    "ioredis behind Sentinel, with TLS for the sentinels only",
    () =>
      redisStore(new Redis({ ...LAZY, sentinels: [{ host: "watch.example" }], name: "kv", sentinelTLS: {} })),
    "watch.example",
  ],
  [
    "ioredis behind Sentinel, with TLS",
    () =>
      redisStore(
        new Redis({
          ...LAZY,
          sentinels: [{ host: "watch.example" }],
          name: "kv",
          tls: {},
          enableTLSForSentinelMode: true,
        }),
      ),
    undefined,
  ],
  ["iovalkey", () => redisStore(new Valkey({ ...LAZY, host: "10.1.2.3" })), "10.1.2.3"],
  ["a client of one's own", () => redisStore({ send: async () => null }), undefined],
  ["pg by default", () => postgresStore(new Pool()), undefined],
  [
    "pg, string",
    () => postgresStore(new Pool({ connectionString: "postgres://u:p@db.example/d" })),
    "db.example",
  ],
  [
    "pg, string with sslmode",
    () => postgresStore(new Pool({ connectionString: "postgres://u:p@db.example/d?sslmode=verify-full" })),
    undefined,
  ],
  ["pg, host", () => postgresStore(new Pool({ host: "2001:db8::5" })), "2001:db8::5"],
  ["pg, host with ssl", () => postgresStore(new Pool({ host: "db.example", ssl: true })), undefined],
  ["pg, socket", () => postgresStore(new Pool({ host: "/run/postgresql" })), undefined],
  ["pg, one client", () => postgresStore(new Client({ host: "db.example" })), "db.example"],
  [
    "pg, socket of the application's making",
    () =>
      postgresStore(
        new Pool({
          host: "db.example",
          stream: () => {
            throw new Error("made a socket");
          },
        }),
      ),
    undefined,
  ],
  ["postgres, string", () => postgresStore(postgres("postgres://u:p@db.example/d")), "db.example"],
  [
    "postgres, the second of two",
    () => postgresStore(postgres("postgres://u:p@localhost,db.example/d")),
    "db.example",
  ],
  ["postgres, ssl", () => postgresStore(postgres("postgres://u:p@db.example/d?sslmode=require")), undefined],
  [
    "postgres, ssl if the server likes",
    () => postgresStore(postgres({ host: "db.example", ssl: "prefer" })),
    "db.example",
  ],
  ["postgres, socket", () => postgresStore(postgres({ host: "/run/postgresql" })), undefined],
  ["mysql2 by default", () => mysqlStore(createPool({})), undefined],
  ["mysql2, string", () => mysqlStore(createPool("mysql://u:p@db.example/d")), "db.example"],
  ["mysql2 with promises", () => mysqlStore(createPool("mysql://u:p@db.example/d").promise()), "db.example"],
  ["mysql2, ssl", () => mysqlStore(createPool({ host: "db.example", ssl: {} })), undefined],
  [
    "mysql2, socket",
    () => mysqlStore(createPool({ host: "db.example", socketPath: "/run/my.sock" })),
    undefined,
  ],
  [
    "mysql2 with a client of one's own",
    () => mysqlStore({ query: async () => [], execute: async () => [] }),
    undefined,
  ],
];

describe("a link to another machine without encryption", () => {
  it.each(STORES)("is seen where there is one: %s", (_, store, to) => {
    expect(store().plaintextTo).toBe(to);
  });

  it("is refused in production, by whatever makes it production, and nowhere else", () => {
    const store = redisStore(createClient({ url: "redis://user:word@kv.example" }));
    const make = (mode?: "production" | "development") => () =>
      createSessions({ store, origin: ORIGIN, ...(mode && { mode }) });
    expect(make("production")).toThrow(/^Option store: "redis" talks to kv\.example without encryption/);
    expect(make("production")).not.toThrow(/word/);
    expect(make("development")).not.toThrow();
    expect(make()).not.toThrow();
  });

  it("is let pass where the operator says that it may", () => {
    const kv = redisStore(createClient({ url: "redis://kv.example" }), { allowPlaintext: true });
    const db = postgresStore(new Pool({ host: "db.example" }), { allowPlaintext: true });
    const other = mysqlStore(createPool({ host: "db.example" }), { allowPlaintext: true });
    for (const store of [kv, db, other])
      expect(() => createSessions({ store, origin: ORIGIN, mode: "production" })).not.toThrow();
    expect(() => redisStore(createClient(), { allowPlaintext: "yes" as never })).toThrow(
      /^Option allowPlaintext/,
    );
  });
});

describe("the nodes of a cluster", () => {
  const seen = (client: object) => plaintextHost(endpointsOf(client), false);

  it("are seen in ioredis, given as addresses, ports or objects", () => {
    expect(seen(new Cluster(["redis://kv.example:7000"], LAZY))).toBe("kv.example");
    expect(seen(new Cluster(["kv.example:7000"], LAZY))).toBe("kv.example");
    expect(seen(new Cluster([7000, { host: "127.0.0.1" }, { host: "10.1.2.3" }], LAZY))).toBe("10.1.2.3");
    expect(seen(new Cluster(["rediss://kv.example:7000"], LAZY))).toBeUndefined();
    expect(
      seen(new Cluster([{ host: "kv.example" }], { ...LAZY, redisOptions: { tls: {} } })),
    ).toBeUndefined();
  });

  it("are seen in node-redis, given as addresses or sockets", () => {
    expect(seen(createCluster({ rootNodes: [{ url: "redis://kv.example" }] }))).toBe("kv.example");
    expect(seen(createCluster({ rootNodes: [{ socket: { host: "10.1.2.3" } }] }))).toBe("10.1.2.3");
    expect(
      seen(createCluster({ rootNodes: [{ url: "rediss://kv.example" }, { url: "redis://[::1]" }] })),
    ).toBeUndefined();
    const tls = { socket: { tls: true } } as const;
    expect(
      seen(createCluster({ rootNodes: [{ url: "redis://kv.example" }], defaults: tls })),
    ).toBeUndefined();
  });
});

it.each([
  ["localhost", false],
  ["127.0.0.1", false],
  ["127.9.9.9", false],
  ["::1", false],
  ["[::1]", false],
  ["@abstract", false],
  ["", false],
  [undefined, false],
  ["localhost.example", true],
  ["127.0.0.1.example", true],
  ["::ffff:10.0.0.1", true],
])("%s is another machine: %s", (host, isAnother) => {
  const endpoint: Endpoint = { host, isEncrypted: false };
  expect(plaintextHost([endpoint], undefined)).toBe(isAnother ? host : undefined);
  expect(plaintextHost([{ ...endpoint, isEncrypted: true }], undefined)).toBeUndefined();
});
