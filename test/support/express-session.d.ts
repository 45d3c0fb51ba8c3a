/**
 * express-session and stores for it, as far as the tests use them. Their published types add `session` to the requests of
 * Express, and so does `sojourn/express/merge`; one program cannot have both.
 */
declare module "express-session" {
  import type { EventEmitter } from "node:events";
  import type { RequestHandler } from "express";

  export type Callback = (error?: unknown, value?: unknown) => void;
  export interface CookieData {
    originalMaxAge: number | null;
    maxAge?: number | null;
    expires?: Date | string | null;
    [key: string]: unknown;
  }
  export interface SessionData {
    cookie: CookieData;
    [key: string]: unknown;
  }
  export class Store extends EventEmitter {
    get(sid: string, callback: (error: unknown, session?: SessionData | null) => void): unknown;
    set(sid: string, session: SessionData, callback?: Callback): unknown;
    destroy(sid: string, callback?: Callback): unknown;
  }
  export class MemoryStore extends Store {}
  export interface SessionOptions {
    secret: string;
    resave?: boolean;
    saveUninitialized?: boolean;
    rolling?: boolean;
    store?: object;
    cookie?: { maxAge?: number; secure?: boolean };
  }
  const session: ((options: SessionOptions) => RequestHandler) & {
    readonly Store: typeof Store;
    readonly MemoryStore: typeof MemoryStore;
  };
  export default session;
}

declare module "memorystore" {
  import type session from "express-session";
  import type { Store } from "express-session";

  const memorystore: (of: typeof session) => new (options: { checkPeriod?: number }) => Store;
  export default memorystore;
}

declare module "connect-pg-simple" {
  import type session from "express-session";
  import type { Store } from "express-session";

  const connect: (
    of: typeof session,
  ) => new (options: {
    pool: object;
    schemaName?: string;
    createTableIfMissing?: boolean;
    pruneSessionInterval?: number | false;
  }) => Store & { close(): Promise<void> };
  export default connect;
}

declare module "express-mysql-session" {
  import type session from "express-session";
  import type { Store } from "express-session";

  const connect: (
    of: typeof session,
  ) => new (
    options: object,
    connection?: object,
  ) => Store & { onReady(): Promise<void>; close(): Promise<void> };
  export default connect;
}

declare module "session-file-store" {
  import type session from "express-session";
  import type { Store } from "express-session";

  const connect: (
    of: typeof session,
  ) => new (options: {
    path: string;
    retries?: number;
    reapInterval?: number;
    logFn?: (line: string) => void;
  }) => Store;
  export default connect;
}
