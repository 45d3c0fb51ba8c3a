/** One rule taken back, to prove that the model would notice. */
import type { RandomSource } from "../../src/core/bytes.ts";
import type { ReferenceStore } from "./reference-store.ts";

export interface Mutant {
  readonly name: string;
  /** The scenarios that must notice. */
  readonly caughtBy: readonly string[];
  /** Replaces steps of the store. */
  readonly store?: (store: ReferenceStore) => void;
  readonly random?: (random: RandomSource) => RandomSource;
  /** An adapter that clears the cookie whenever the session it names is not there. */
  readonly clearsDead?: true;
  /** An adapter that lets the answer go before the commit is done. */
  readonly answersFirst?: true;
  /** A driver that repeats a doubtful save by itself and hands on what the second one says. */
  readonly driverRepeats?: true;
}
