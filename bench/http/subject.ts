// What is measured: a library in a server of its own, on a framework, on a store.
import type { Server } from "node:http";
import type { Cell, STORES, WORKLOADS } from "./results.ts";

export type Workload = (typeof WORKLOADS)[number];
export type Store = (typeof STORES)[number];

type Framework = "Express 5" | "Fastify 5" | "Koa 3" | "Hono 4" | "node:http" | "h3 2";

export interface Subject extends Pick<Cell, "library"> {
  readonly framework: Framework;
  /** None for the bare framework. */
  readonly stores: readonly Store[];
  /** Those it can do. All by default. */
  readonly workloads?: readonly Workload[];
  /**
   * Makes the server, which the caller lets listen. `address` is that of an empty place in the store: the folder of a
   * file, the URL of a server, "" for what needs none.
   */
  start(store: Store | null, address: string): Promise<Server>;
}

/** What a route with a session reads of it. */
interface Reading {
  readonly user: string | null;
  readonly theme: string | null;
}

/** What the routes do with the session. Each is awaited before the answer is written. */
export interface Acts<Context extends readonly unknown[]> {
  read(...context: Context): Reading | Promise<Reading>;
  /** Where it is not `read`. */
  anonymous?(...context: Context): Reading | Promise<Reading>;
  /** Adds 1 to `visits`, and returns what it is now. */
  write(...context: Context): number | Promise<number>;
  /** As the library's documentation has it done, with the data of `shop`. */
  login(user: string, ...context: Context): unknown;
  logout(...context: Context): unknown;
}
