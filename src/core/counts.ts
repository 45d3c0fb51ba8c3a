/** What a manager counts whether anybody listens or not (SECURITY A5). */
import type { RejectReason } from "./event-types.ts";

/** What `counts` answers. Each number only grows, from zero at the start of the process. */
export interface SessionCounts {
  /** Presented tokens that opened nothing, by reason. */
  readonly rejected: Readonly<Record<RejectReason, number>>;
}

export class Counts {
  readonly #rejected: Record<RejectReason, number> = {
    malformed: 0,
    unknown: 0,
    superseded: 0,
    undecodable: 0,
    "below-profile": 0,
    "other-transport": 0,
    idle: 0,
    absolute: 0,
    "logged-out": 0,
    revoked: 0,
    replaced: 0,
    limit: 0,
    theft: 0,
    risk: 0,
  };

  rejected(reason: RejectReason): void {
    this.#rejected[reason] += 1;
  }

  read(): SessionCounts {
    return { rejected: { ...this.#rejected } };
  }
}
