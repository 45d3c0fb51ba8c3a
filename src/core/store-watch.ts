/** What the store's answers say to listeners: sessions that ended, calls that took their time, calls that failed. */
import type { EndReason, StoreFaultKind } from "../errors.ts";
import type { UserLimit } from "../stores/contract.ts";
import { isOneTime } from "./about.ts";
import type { SessionEvents } from "./event-types.ts";
import { type Events, stopwatch, summaryOf } from "./events.ts";
import type { SessionHeader } from "./record.ts";
import type { RequestView } from "./request.ts";

/** On whose behalf a store is called, and by which request, as far as that is known. */
export interface Cause {
  readonly by?: string | null;
  readonly view?: RequestView;
}

export type Outcome = SessionEvents["storeCall"]["outcome"];

export interface StoreWatch {
  /** For `CallOptions.onEnded`: `undefined` while nobody listens, so that a store may spare the read. */
  ended(cause: Cause | undefined): ((session: SessionHeader, reason: EndReason) => void) | undefined;
  failed(operation: string, kind: StoreFaultKind): void;
  /** It is not asked for a while, after this many failures in a row. */
  down(failures: number): void;
  /** It answers again. */
  up(downMs: number): void;
  /** To be called when the call came back; `null` while nobody measures. */
  timed(operation: string): ((outcome: Outcome) => void) | null;
}

export function createStoreWatch(events: Events, store: string, limit: UserLimit | null): StoreWatch {
  return {
    ended(cause = {}) {
      if (!events.heard("ended") && !events.heard("limitReached")) return undefined;
      let isLimitTold = false;
      return (session, reason) => {
        if (isOneTime(session)) return;
        if (reason === "limit" && limit && session.userId !== null && !isLimitTold) {
          isLimitTold = true;
          events.emit("limitReached", { userId: session.userId, ...limit }, cause.view);
        }
        const by = isExpiry(reason) ? null : (cause.by ?? null);
        events.emit("ended", { ...summaryOf(session), reason, by }, cause.view);
      };
    },
    failed(operation, kind) {
      events.emit("storeFailed", { store, operation, kind });
    },
    down(failures) {
      events.emit("storeDown", { store, failures });
    },
    up(downMs) {
      events.emit("storeUp", { store, downMs });
    },
    timed(operation) {
      const watch = stopwatch(events, "storeCall");
      return (
        watch && ((outcome) => events.emit("storeCall", { store, operation, outcome, durationMs: watch() }))
      );
    },
  };
}

/** Nobody does that: time does. */
function isExpiry(reason: EndReason): boolean {
  return reason === "idle" || reason === "absolute";
}
