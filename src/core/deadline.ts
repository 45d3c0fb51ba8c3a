/** The time that one operation has, for all its tries together. */
import type { RealTime } from "./real-time.ts";

export class Deadline {
  readonly #ms: number;
  readonly #time: RealTime;
  readonly #fault: () => Error;
  readonly #controller = new AbortController();
  readonly #expired = Promise.withResolvers<never>();
  #callOff: () => void;

  /** `fault`: what whoever waits is told when the time is up. */
  constructor(ms: number, time: RealTime, fault: () => Error) {
    this.#ms = ms;
    this.#time = time;
    this.#fault = fault;
    this.#expired.promise.catch(() => {}); // between two tries nobody listens
    this.#callOff = this.#start();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isOver(): boolean {
    return this.signal.aborted;
  }

  /** What comes first: the answer, or the end of the time. */
  wait<T>(answer: Promise<T>): Promise<T> {
    return Promise.race([answer, this.#expired.promise]);
  }

  /** Begins anew. */
  restart(): void {
    if (this.isOver) return;
    this.close();
    this.#callOff = this.#start();
  }

  /** Nobody waits any longer. */
  end(fault: Error): void {
    this.close();
    this.#expired.reject(fault);
    this.#controller.abort();
  }

  close(): void {
    this.#callOff();
  }

  #start(): () => void {
    return this.#time.after(this.#ms, () => this.end(this.#fault()));
  }
}
