/** The work on one session. */
import type { Instant } from "../../core/record.ts";
import type { SessionStore } from "../contract.ts";
import type { CopyCounts } from "./types.ts";

/** What becomes of one session. */
export type Outcome = Exclude<keyof CopyCounts, "damaged"> | "nothing";

/** What it needs. */
export interface Job {
  readonly from: SessionStore;
  readonly to: SessionStore;
  readonly now: Instant;
  readonly prune: boolean;
  readonly switchedAt: Instant | null;
  /** A deadline for one call of a store. */
  readonly deadline: () => AbortSignal;
}
