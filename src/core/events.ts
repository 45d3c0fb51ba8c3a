/** The events of a manager. Listeners run in order, at once; what they throw never reaches a request. */
import type { SessionHeader } from "./record.ts";
import type { SessionEvents, SessionInfo, SessionSummary } from "./types.ts";

export type EventName = keyof SessionEvents;
type Listener<E extends EventName> = (detail: SessionEvents[E]) => void;

export interface Events {
  on<E extends EventName>(event: E, listen: Listener<E>): () => void;
  emit<E extends EventName>(event: E, detail: SessionEvents[E]): void;
  /** Whether anybody would hear it: stores spare work when nobody does. */
  heard(event: EventName): boolean;
}

export const EVENT_NAMES: readonly EventName[] = ["created", "ended", "theft", "csrfDenied", "undecodable"];

export function createEvents(): Events {
  const listeners = new Map<EventName, Set<(detail: never) => void>>();
  return {
    on(event, listen) {
      const set = listeners.get(event) ?? new Set();
      listeners.set(event, set.add(listen));
      return () => void set.delete(listen);
    },
    emit(event, detail) {
      for (const listen of listeners.get(event) ?? []) {
        try {
          const result: unknown = (listen as Listener<typeof event>)(detail);
          if (result instanceof Promise) result.catch((error: unknown) => warn(event, error));
        } catch (error) {
          warn(event, error);
        }
      }
    },
    heard: (event) => (listeners.get(event)?.size ?? 0) > 0,
  };
}

function warn(event: EventName, error: unknown): void {
  const what = error instanceof Error ? error.message : String(error);
  process.emitWarning(`A listener for the session event "${event}" failed: ${what}`, {
    code: "SOJOURN_LISTENER",
  });
}

export function summaryOf(header: SessionHeader): SessionSummary {
  return {
    id: header.id,
    userId: header.userId,
    label: header.label,
    current: false,
    createdAt: header.createdAt,
    authenticatedAt: header.authenticatedAt,
    lastSeenAt: header.seenAt,
    expiresAt: Math.min(header.idleUntil, header.absoluteUntil),
  };
}

/** For signed-in sessions only: `null` for a visitor's. */
export function infoOf(header: SessionHeader, current?: string): SessionInfo | null {
  const { userId, authenticatedAt } = header;
  if (userId === null || authenticatedAt === null) return null;
  return { ...summaryOf(header), userId, authenticatedAt, current: header.id === current };
}
