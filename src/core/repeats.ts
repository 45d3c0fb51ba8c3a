/** A write that failed is asked again until its outcome is known, or the time is up (PROTOCOL rule 5). */
import type { StoreFaultKind } from "../errors.ts";
import type { Deadline } from "./deadline.ts";
import type { Patience } from "./patience.ts";
import { faultKind, isOfTheCall } from "./store-faults.ts";

const FINAL: ReadonlySet<StoreFaultKind> = new Set(["too-large", "corrupt", "damaged", "closed"]);
/** What was asked may have been done. */
const DOUBTFUL: ReadonlySet<StoreFaultKind> = new Set(["timeout", "ambiguous"]);

export class Repeats {
  #patience: Patience | null = null;
  #doubt: unknown;
  /** There was a try before the last one, and what the store answers may be about that. */
  isRepeated = false;

  /** Waits before the next try. Throws what the operation came to where there is none. */
  async pause(error: unknown, deadline: Deadline, patienceOf: () => Patience): Promise<void> {
    const kind = faultKind(error);
    if (isOfTheCall(error) || FINAL.has(kind)) throw error;
    this.isRepeated = true;
    if (DOUBTFUL.has(kind)) this.#doubt ??= error;
    this.#patience ??= patienceOf();
    if (deadline.isOver || !(await deadline.wait(this.#patience.again()).catch(() => false)))
      throw this.#doubt ?? error;
  }
}
