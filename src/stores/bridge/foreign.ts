/** What a bridge asks of somebody else's store: no more than every store can do. */

/** Plain JSON. */
export type Stored = Readonly<Record<string, unknown>>;

export interface Foreign {
  /** For messages, as in `express-session`. */
  readonly name: string;
  /** The store itself. */
  readonly owner: object;
  /** Only base64url characters and dashes, at most 70. `null` or `undefined` when there is nothing. */
  get(key: string): Promise<unknown>;
  /** Creates or replaces. `lifeMs`: when it may be freed, from now on the engine's own clock. */
  set(key: string, value: Stored, lifeMs: number): Promise<void>;
  /** Only where `sweeps`. */
  remove?(key: string): Promise<void>;
  /** The keys of all sessions, those of others included. Left out where the store cannot say. */
  keys?(): Promise<readonly string[]>;
  /** Whether nothing frees what is past its time but `remove`. */
  readonly sweeps: boolean;
  /** Begins and stops listening to what it tells of itself. */
  watch?(): () => void;
}
