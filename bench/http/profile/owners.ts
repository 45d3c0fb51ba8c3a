// Whose code a place is. A place is a module of ours as `dist/core/token.js`, any other file as its URL.
import type { Part } from "./parts.ts";

/** The first that fits counts. */
const FOLDERS: readonly (readonly [RegExp, Part])[] = [
  [/^node:(internal\/)?crypto/, "crypto"],
  [/^node:((internal\/)?fs|sqlite)\b/, "files"],
  [/^node:(_|(internal\/)?(http|net|streams?)\b|internal\/(js_stream|stream_base)|events)/, "network"],
  [/^node:/, "node"],
  [/^dist\/adapters\//, "adapter"],
  [/^dist\/stores\//, "store"],
  [/^dist\/transports\//, "cookies"],
  [/^dist\/(csrf\/|core\/(csrf-\w+|connection|forwarding|origins)\.)/, "origin"],
  [/^dist\/core\/(token|bytes|credentials|entropy|key-ring|seal)\./, "tokens"],
  [/^dist\/(codecs\/|core\/(codec-list|data-shape|envelope|schema|values)\.)/, "codec"],
  [/^dist\//, "core"],
  [/\/bench\/[\w/-]+\.ts$/, "routes"],
];

/** Packages that the benchmark loads for one purpose alone. What many use, such as `cookie`, is its caller's. */
const PACKAGES: Partial<Record<Part, string>> = {
  framework:
    "express router body-parser finalhandler fastify avvio find-my-way koa koa-compose koa-bodyparser co-body hono @hono/node-server h3 srvx",
  library:
    "express-session cookie-session on-headers uid-safe @fastify/session @fastify/cookie koa-session hono-sessions iron-session iron-webcrypto better-auth @better-auth/core @better-auth/kysely-adapter @better-auth/memory-adapter @better-auth/utils @better-fetch/fetch better-call kysely zod nanostores jose @noble/hashes @noble/ciphers",
  store:
    "connect-redis connect-pg-simple express-mysql-session better-sqlite3-session-store session-file-store bagpipe fs-extra graceful-fs kruptein retry write-file-atomic",
  drivers: "pg pg-pool pg-protocol pg-types mysql2 redis @redis/client better-sqlite3",
};
const OWNERS = new Map(
  Object.entries(PACKAGES).flatMap(([part, names]) => names.split(" ").map((name) => [name, part as Part])),
);

const IN_PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

/** `null` where it is for the caller to say. */
export function ownerOf(place: string): Part | null {
  const name = IN_PACKAGE.exec(place)?.[1];
  if (name !== undefined) return OWNERS.get(name) ?? null;
  return FOLDERS.find(([pattern]) => pattern.test(place))?.[1] ?? null;
}
