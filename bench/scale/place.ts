/** Where a kind of store lives while it is measured: in this process, in a folder, or on a server of its own. */
import type { SessionId } from "../../src/core/record.ts";
import type { SessionStore } from "../../src/stores/contract.ts";
import type { Fleet } from "./fleet.ts";

export interface Place extends AsyncDisposable {
  readonly title: string;
  /** Of what runs it. */
  readonly version: string;
  /** A store by itself, opened and empty. Several are open at a time, one for each number of sessions. */
  make(): Promise<Site>;
}

export interface Site extends AsyncDisposable {
  readonly store: SessionStore;
  /** What it takes now. */
  bytes(): Promise<number> | number;
  /** How many sessions `create` makes before `copy` makes the rest. Left out: all. */
  readonly createsUpTo?: number;
  /** Beyond these no index of a user knows of them. Left out: all are known. */
  readonly indexedUpTo?: number;
  /** Copies the originals, once for each number from `from` to `to`. */
  copy?(fleet: Fleet, from: number, to: number): Promise<void>;
  /**
   * For a load, what can be done at all in this place with so many sessions: where the memory of the machine is what
   * grows slower.
   */
  raw?(fleet: Fleet): (id: SessionId) => unknown;
  /** After it was filled: what its operator, or the engine itself in time, would do. */
  settle?(): Promise<void>;
}

/** Why a kind of store cannot be measured on this machine. */
export class PlaceMissingError extends Error {}
