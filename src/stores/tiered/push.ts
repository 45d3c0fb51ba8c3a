/** Whether somebody tells of changes elsewhere. Copies are served only while that is so, or where nobody was asked to. */
import type { CallOptions } from "../contract.ts";
import type { Invalidations } from "../invalidations.ts";
import type { Near } from "./near.ts";

export class Push {
  readonly #near: Near;
  readonly #source: Invalidations | null;
  #isUp: boolean;
  #reason = "";
  #stop: (() => Promise<void>) | null = null;

  constructor(near: Near, source: Invalidations | null) {
    this.#near = near;
    this.#source = source;
    this.#isUp = source === null;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** Resolves when it is known whether changes will be told, with a warning if not, or when the caller gives up. */
  async begin({ signal }: Pick<CallOptions, "signal">): Promise<readonly string[]> {
    if (this.#source && !this.#stop) {
      const { promise, resolve } = Promise.withResolvers<void>();
      signal?.addEventListener("abort", () => resolve(), { once: true });
      this.#stop = this.#listen(this.#source, resolve);
      if (signal?.aborted) resolve(); // an event that is over is told to nobody
      await promise;
    }
    if (this.#isUp) return [];
    const why = this.#reason || "no answer came";
    return [`Tiered store: nobody tells of changes yet, so every read goes to the store. ${why}`];
  }

  async end(): Promise<void> {
    this.#isUp = false;
    const stop = this.#stop;
    this.#stop = null;
    await stop?.();
  }

  /** Answers under way at a turn were asked for when nothing was told: none of them is kept. */
  #listen(source: Invalidations, decided: () => void): () => Promise<void> {
    return source.listen({
      up: () => {
        this.#near.clear();
        this.#isUp = true;
        decided();
      },
      down: (reason) => {
        this.#isUp = false;
        this.#reason = reason;
        this.#near.clear();
        decided();
      },
      changed: (ids) => {
        if (ids === "all") this.#near.clear();
        else for (const id of ids) this.#near.evict(id);
      },
    });
  }
}
