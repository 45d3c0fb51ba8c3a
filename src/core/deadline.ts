/** The time that one operation has, for all its tries together. */
import { StoreFault } from "../errors.ts";
import type { RealTime } from "./real-time.ts";
import type { Listed } from "./waiting-list.ts";

export class Deadline implements Listed {
  readonly #ms: number;
  readonly #time: RealTime;
  readonly #controller = new AbortController();
  /** Tells whoever waits. */
  #refuse: ((fault: Error) => void) | null = null;
  /** Why nobody waits any longer. */
  #over: Error | null = null;
  #callOff: () => void;
  /** The store said of its last answer that it is its own, and that its server was not asked. */
  isLocal = false;
  place = 0;

  constructor(ms: number, time: RealTime) {
    this.#ms = ms;
    this.#time = time;
    this.#callOff = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.#over !== null;
  }

  /** What comes first: the answer, or the end of the time. One at a time. */
  wait<T>(answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      answer.then(resolve, reject);
      if (this.#over) reject(this.#over);
      else this.#refuse = reject;
    });
  }

  /** Begins anew. */
  restart(): void {
    if (this.isOver) return;
    this.close();
    this.#callOff = this.#start();
  }

  /** Nobody waits any longer. */
  end(fault: Error): void {
    if (this.#over) return;
    this.close();
    this.#over = fault;
    this.#refuse?.(fault);
    this.#controller.abort();
  }

  close(): void {
    this.#callOff();
  }

  #start(): () => void {
    return this.#time.after(this.#ms, () =>
      this.end(new StoreFault("timeout", `No answer within ${this.#ms} ms`)),
    );
  }
}
