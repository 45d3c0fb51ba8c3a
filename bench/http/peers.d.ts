/** Packages without types of their own, as far as the benchmark uses them. */
declare module "better-sqlite3" {
  export default class Database {
    constructor(path: string);
    pragma(source: string): unknown;
  }
}

declare module "better-sqlite3-session-store" {
  import type Database from "better-sqlite3";
  import type session from "express-session";
  import type { Store } from "express-session";

  const connect: (of: typeof session) => new (options: { client: Database }) => Store;
  export default connect;
}

declare module "cookie-session" {
  import type { RequestHandler } from "express";

  const cookieSession: (options: {
    keys: readonly string[];
    maxAge?: number;
    secure?: boolean;
  }) => RequestHandler;
  export default cookieSession;
}
