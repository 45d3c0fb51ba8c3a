/** How a cache in front of a store learns that a session changed or ended elsewhere. */
import type { SessionId } from "../core/record.ts";

/** The one who is told. Its functions do not throw. */
export interface InvalidationListener {
  /** From now on every change is told. */
  up(): void;
  /** From now on changes may go untold, until `up`. `reason`: a sentence for the operator. Repeated: harmless. */
  down(reason: string): void;
  /** These sessions changed or ended; `"all"`: any of them may have. More than that may be told, never less. */
  changed(ids: readonly SessionId[] | "all"): void;
}

/** Something that knows of every change in a store, by whichever process. */
export interface Invalidations {
  /**
   * Begins to listen and goes on, through losses of the connection, until the answered function is called. Says `up` or
   * `down` as soon as it knows, and says `up` only when what changes after that moment is told. Does not throw.
   */
  listen(listener: InvalidationListener): () => Promise<void>;
}
