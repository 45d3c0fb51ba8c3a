/** What an author gives to have a store checked, and what a case of the contract is. */
import type { Guarantees, SessionStore } from "../../stores/contract.ts";
import type { Need } from "./needs.ts";

export interface StoreHarness {
  /** What the store declares. Cases that need a guarantee it lacks are skipped, with that as the reason. */
  readonly guarantees: Guarantees;
  /** A store on fresh, empty data of its own. The kit calls its `open()` and `close()`. */
  open(): Promise<SessionStore>;
  /** The data of `store`, which was closed, as the next process finds it. Needed unless `durable` is `no`. */
  reopen?(store: SessionStore): Promise<SessionStore>;
  /** One more handle on the data of `store`, as another process has it. Needed unless `shared` is `process`. */
  second?(store: SessionStore): Promise<SessionStore>;
  /** Makes what the store talks to unreachable until the answered function is called. Left out where nothing is. */
  outage?(store: SessionStore): Promise<() => Promise<void>>;
  /**
   * Every byte that the store keeps at this moment: the contents of its files, or a dump of its server. What `erase` has
   * to remove is looked for in there. Left out where nothing can be read, as in memory.
   */
  remains?(store: SessionStore): Promise<readonly Uint8Array[]>;
  /** Whether the store has `scan`, which no store must have. */
  readonly scan?: true;
  /** How many sessions the cases about many use. Default 10,000. */
  readonly many?: number;
}

/** One sentence about the outcome of what a store is asked, and the code that proves it. */
export interface ContractCase {
  readonly name: string;
  /** Why it is not to be run; only ever a guarantee that the store does not give. */
  readonly skip?: string;
  /** Rejects with an `AssertionError` when the store breaks the rule. */
  run(): Promise<void>;
}

/** What a case runs on. */
export interface Scene {
  readonly store: SessionStore;
  /** Another handle on the same data; in cases that run with one handle, the same. */
  readonly other: SessionStore;
  readonly many: number;
  /** Closes the store and answers the one that comes after it. */
  restart(): Promise<SessionStore>;
  /** A store that has nothing to do with this one. */
  unrelated(): Promise<SessionStore>;
  /** Cuts the store off; the answered function ends that. */
  outage(): Promise<() => Promise<void>>;
  /** All that the store keeps, byte for byte. */
  remains(): Promise<readonly Uint8Array[]>;
}

export interface Definition {
  readonly name: string;
  readonly needs?: readonly Need[];
  /** Runs once more from two handles, where the store has them. */
  readonly races?: true;
  run(scene: Scene): Promise<void>;
}
