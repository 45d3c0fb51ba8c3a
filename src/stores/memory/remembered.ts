/** What is remembered for a while under a key: tombstones and revocation marks. */
import type { Instant } from "../../core/record.ts";

export class Remembered<Value extends { readonly at: Instant }> {
  readonly #entries = new Map<string, Value>();
  readonly #forMs: number;
  readonly #most: number;

  /** Above `most` entries the oldest is forgotten early. */
  constructor(forMs: number, most: number = Number.POSITIVE_INFINITY) {
    this.#forMs = forMs;
    this.#most = most;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, now: Instant): Value | undefined {
    const value = this.#entries.get(key);
    return value !== undefined && now < value.at + this.#forMs ? value : undefined;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key); // so that the order of the map stays the order of time
    this.#entries.set(key, value);
    this.forget(value.at, 2); // more than comes in, so that it stays small where nobody sweeps
    if (this.#entries.size <= this.#most) return;
    const oldest = this.#entries.keys().next();
    if (!oldest.done) this.#entries.delete(oldest.value);
  }

  /** Forgets up to `limit` entries whose time is over. Whether there are more. */
  forget(now: Instant, limit: number): boolean {
    let left = limit;
    for (const [key, value] of this.#entries) {
      if (now < value.at + this.#forMs) return false;
      if (left === 0) return true;
      this.#entries.delete(key);
      left -= 1;
    }
    return false;
  }

  clear(): void {
    this.#entries.clear();
  }
}
