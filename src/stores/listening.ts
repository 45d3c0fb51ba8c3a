/** Keeps a connection on which changes are told: made anew when it is lost, for as long as somebody listens. */
import { setTimeout as delay } from "node:timers/promises";
import type { SessionId } from "../core/record.ts";
import type { InvalidationListener } from "./invalidations.ts";

/** A connection that tells. */
export interface Line {
  /** Resolves when nothing is told any more. */
  readonly lost: Promise<unknown>;
  close(): void;
}

export type Tell = (ids: readonly SessionId[] | "all") => void;

/**
 * Resolves when every change from now on is told, and rejects when that cannot be had; then nothing of it is left open.
 * So it is when `signal` aborts.
 */
export type Dial = (tell: Tell, signal: AbortSignal) => Promise<Line>;

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** `spell` says in a sentence why there was no connection. */
export function keepListening(
  dial: Dial,
  spell: (error: unknown) => string,
  listener: InvalidationListener,
): () => Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const ended = new Promise<null>((resolve) => {
    signal.addEventListener("abort", () => resolve(null), { once: true });
  });

  async function once(): Promise<void> {
    const dialling = dial((ids) => listener.changed(ids), signal);
    const line = await Promise.race([dialling, ended]);
    if (!line) {
      dialling.then((late) => late.close()).catch(() => {});
      return; // nobody waits for a server that says nothing
    }
    try {
      listener.up();
      await Promise.race([line.lost, ended]);
    } finally {
      line.close();
    }
  }

  async function run(): Promise<void> {
    let ceiling = FIRST_PAUSE_MS;
    while (!signal.aborted) {
      try {
        await once();
        ceiling = FIRST_PAUSE_MS;
        if (!signal.aborted) listener.down("The connection was lost.");
      } catch (error) {
        if (!signal.aborted) listener.down(spell(error));
      }
      const pause = delay(Math.random() * ceiling, undefined, { signal, ref: false });
      await pause.catch(() => {}); // nobody listens any more
      ceiling = Math.min(2 * ceiling, LONGEST_PAUSE_MS);
    }
  }

  const running = run();
  return () => {
    over.abort();
    return running;
  };
}
