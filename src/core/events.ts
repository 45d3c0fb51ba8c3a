/**
 * The events of a manager. Listeners run in order, at once; what they throw never reaches a request. An event that a
 * listener causes waits until all have heard the one before, so everybody hears them in the order they happened.
 */
import { readAbout } from "./about.ts";
import type { EventContext, EventName, SessionEvents, SessionSummary } from "./event-types.ts";
import { printable } from "./header-text.ts";
import type { Instant, SessionHeader } from "./record.ts";
import type { RequestView } from "./request.ts";
import { actorOf, levelOf, methodsOf, userOf } from "./standing.ts";
import type { SessionInfo } from "./types.ts";

type Listen<E extends EventName> = (detail: SessionEvents[E], context: EventContext) => void;

interface Listener {
  readonly listen: (detail: never, context: EventContext) => unknown;
  failures: number;
}

export interface Events {
  on<E extends EventName>(event: E, listen: Listen<E>): () => void;
  /** Costs a look-up while nobody listens; build the detail behind `heard` where that costs more. */
  emit<E extends EventName>(event: E, detail: SessionEvents[E], view?: RequestView): void;
  /** Whether anybody would hear it: stores and requests spare work when nobody does. */
  heard(event: EventName): boolean;
}

export function createEvents(
  now: () => Instant,
  networkOf: (view: RequestView) => string | null = () => null,
): Events {
  /** The arrays are replaced, never changed: a listener may add and remove listeners. */
  const listeners = new Map<EventName, readonly Listener[]>();
  const waiting: (() => void)[] = [];
  let isTelling = false;

  function tell(event: EventName, detail: unknown, context: EventContext): void {
    for (const listener of listeners.get(event) ?? []) {
      try {
        const result: unknown = listener.listen(detail as never, context);
        if (isThenable(result)) result.then(undefined, (error: unknown) => warn(event, listener, error));
      } catch (error) {
        warn(event, listener, error);
      }
    }
  }

  return {
    on(event, listen) {
      const listener: Listener = { listen, failures: 0 };
      listeners.set(event, [...(listeners.get(event) ?? []), listener]);
      return () => {
        const rest = (listeners.get(event) ?? []).filter((other) => other !== listener);
        if (rest.length > 0) listeners.set(event, rest);
        else listeners.delete(event);
      };
    },
    emit(event, detail, view) {
      if (!listeners.has(event)) return;
      const context = contextOf(now(), view, networkOf);
      waiting.push(() => tell(event, Object.freeze(detail), context));
      if (isTelling) return;
      isTelling = true;
      try {
        for (let told = 0; waiting.length > 0 && told < MOST_AT_ONCE; told++) waiting.shift()?.();
        if (waiting.length > 0) tellOfLoop(event, waiting.length);
      } finally {
        waiting.length = 0;
        isTelling = false;
      }
    },
    heard: (event) => listeners.has(event),
  };
}

/** A listener that causes the event it listens to would be told for ever. */
const MOST_AT_ONCE = 1000;

function tellOfLoop(event: EventName, left: number): void {
  process.emitWarning(
    `Listeners caused ${MOST_AT_ONCE} session events within one "${event}"; the next ${left} are not told.`,
    { code: "SOJOURN_LISTENER" },
  );
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

const LONGEST_USER_AGENT = 200;

/** Whatever is personal is a call: it is read when asked for, and no listener prints it unawares. */
function contextOf(
  at: Instant,
  view: RequestView | undefined,
  networkOf: (view: RequestView) => string | null,
): EventContext {
  return Object.freeze({
    at,
    userAgent(): string | null {
      const sent = view?.header("user-agent");
      return sent === undefined ? null : printable(sent, LONGEST_USER_AGENT);
    },
    address: () => (view ? networkOf(view) : null),
  });
}

/** Told at the first failure, the second, the fourth and so on: a broken listener must not flood the log. */
function warn(event: EventName, listener: Listener, error: unknown): void {
  listener.failures += 1;
  if ((listener.failures & (listener.failures - 1)) !== 0) return;
  const times = listener.failures > 1 ? ` (${listener.failures} times so far)` : "";
  process.emitWarning(`A listener for the session event "${event}" failed${times}: ${messageOf(error)}`, {
    code: "SOJOURN_LISTENER",
  });
}

function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message : String(error);
  } catch {
    return "something that has no text";
  }
}

/** Reads the milliseconds since; `null` while nobody listens to that event. */
export function stopwatch(events: Events, event: EventName): (() => number) | null {
  if (!events.heard(event)) return null;
  const startedAt = performance.now();
  return () => performance.now() - startedAt;
}

export function summaryOf(header: SessionHeader): SessionSummary {
  return {
    id: header.id,
    userId: userOf(header),
    label: header.label,
    methods: methodsOf(header),
    level: levelOf(header),
    device: readAbout(header.about).device,
    actor: actorOf(header),
    current: false,
    createdAt: header.createdAt,
    authenticatedAt: header.authenticatedAt,
    lastSeenAt: header.seenAt,
    expiresAt: Math.min(header.idleUntil, header.absoluteUntil),
  };
}

/** For signed-in sessions only: `null` for a visitor's. */
export function reportOf(header: SessionHeader): SessionEvents["theft"] | null {
  const { authenticatedAt } = header;
  const userId = userOf(header);
  return userId === null || authenticatedAt === null
    ? null
    : { ...summaryOf(header), userId, authenticatedAt };
}

/** The same for the user's own eyes: with the address, which events leave out. */
export function infoOf(header: SessionHeader, current?: string): SessionInfo | null {
  const report = reportOf(header);
  const { address } = readAbout(header.about);
  return report && { ...report, address, current: header.id === current };
}
