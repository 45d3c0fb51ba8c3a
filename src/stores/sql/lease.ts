/** A connection of a pool, lent for a while. */
export interface Lease<Connection> {
  readonly connection: Connection;
  giveBack(): void;
  /** For a connection in a state that nobody should find. It is closed, and the server undoes what is open on it. */
  discard(): void;
}

/** Longer than MySQL lets a statement wait for a lock (`innodb_lock_wait_timeout`), so that a server which is well has answered. */
const SILENCE_MS = 60_000;

/**
 * Discards a connection that is still silent a minute after its call was given up. A line that leads nowhere any more
 * looks like one that is waited on, and TCP takes a quarter of an hour to tell them apart: until then the pool would
 * hold it, and in the end nothing but such. The function it answers calls that off.
 */
export function discardIfSilent(lease: Lease<unknown>, signal: AbortSignal | undefined): () => void {
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    timer = setTimeout(() => lease.discard(), SILENCE_MS).unref();
  };
  signal?.addEventListener("abort", onAbort, { once: true });
  return () => {
    signal?.removeEventListener("abort", onAbort);
    clearTimeout(timer);
  };
}
