/** The events of a manager as an audit trail: one plain, flat record each, without personal data unless asked for. */
import { EVENT_NAMES, EVENTS } from "../core/event-table.ts";
import type { EventName } from "../core/event-types.ts";
import type { SessionAdmin } from "../core/manager-types.ts";
import { refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidArgumentError, InvalidOptionError } from "../errors.ts";
import { checkedKey } from "./audit-digest.ts";
import { type AuditRecord, createRecorder, headOf, PERSONAL, type Personal } from "./audit-record.ts";
import { FloodGate } from "./flood-gate.ts";

export { auditDigest } from "./audit-digest.ts";
export type { AuditRecord, Personal } from "./audit-record.ts";

export interface AuditOptions {
  /**
   * Personal data to write down. Default none: sessions and users are keyed digests. `session`, `user`: the ids as they
   * are. `label`: the name of the session. `device`: its browser, system and form. `address`: the network of the
   * request (/24, /48). `userAgent`: what the browser calls itself.
   */
  readonly include?: readonly Personal[];
  /**
   * The key of the digests, 16 bytes or more. Default a random one: then digests match within one process and one run.
   * Give one, the same everywhere, to follow a session through a trail of several processes. `undefined` is like none,
   * so that a variable of the environment can be handed over as it is.
   */
  readonly key?: string | Uint8Array | undefined;
  /** Which events to write. Default all but those of severity `debug`. */
  readonly events?: readonly EventName[];
  /**
   * At most this many records a minute of each event that strangers can cause at will. Default 60. The next record says
   * how many were left out. `Infinity` lets a flood of junk become a flood of records.
   */
  readonly perMinute?: number;
}

/** Takes a record. Nobody waits for what it returns; a promise that fails is a process warning. */
export type AuditWriter = (record: AuditRecord) => unknown;

/**
 * Writes an audit trail: calls `write` with a record for each event, at once and in order. What `write` throws is a
 * process warning and reaches no request. The returned function stops it. Throws `InvalidArgumentError` for a writer that
 * is no function, and `InvalidOptionError`.
 */
export function auditSessions(
  sessions: Pick<SessionAdmin, "on">,
  write: AuditWriter,
  options: AuditOptions = {},
): () => void {
  if (typeof write !== "function") {
    throw new InvalidArgumentError("auditSessions(): the second argument is a function that takes a record.");
  }
  const { events, perMinute, included, key } = readOptions(options);
  const recordOf = createRecorder(included, key);
  const gate = new FloodGate(perMinute);
  let lastAt = 0;
  const stops = events.map((event) =>
    sessions.on(event, (detail, context) => {
      lastAt = context.at;
      const omitted = EVENTS[event].byStrangers ? gate.pass(event, context.at) : 0;
      if (omitted === null) return undefined;
      const record = recordOf(event, detail, context);
      return write(omitted > 0 ? { ...record, omitted } : record);
    }),
  );
  return function stop(): void {
    for (const off of stops) off();
    for (const [event, omitted] of gate.rest()) writeLast(write, { ...headOf(event, lastAt), omitted });
  };
}

/** By then no manager stands between a writer that fails and whoever stops it. */
function writeLast(write: AuditWriter, record: AuditRecord): void {
  (async () => write(record))().catch((error: unknown) => {
    process.emitWarning(`The last record of an audit trail was not written: ${String(error)}`, {
      code: "SOJOURN_LISTENER",
    });
  });
}

interface Plan {
  readonly events: readonly EventName[];
  readonly perMinute: number;
  readonly included: ReadonlySet<Personal>;
  readonly key: Uint8Array | null;
}

function readOptions(options: AuditOptions): Plan {
  refuseUnknownKeys(options, ["include", "key", "events", "perMinute"], "");
  const { include = [], events = EVENT_NAMES.filter(isForTrails), perMinute = 60, key } = options;
  checkWords("include", include, PERSONAL);
  checkWords("events", events, EVENT_NAMES);
  if (typeof perMinute !== "number" || !(perMinute >= 1))
    throw new InvalidOptionError("perMinute", "must be a number from 1, or Infinity");
  return {
    events: [...new Set(events)],
    perMinute,
    included: new Set(include),
    key: key === undefined ? null : checkedKey(key),
  };
}

function isForTrails(event: EventName): boolean {
  return EVENTS[event].severity !== "debug";
}

function checkWords(option: string, words: unknown, known: readonly string[]): void {
  const list: readonly unknown[] = Array.isArray(words) ? words : [words];
  const wrong = list.find((word) => !known.includes(word as string));
  if (wrong !== undefined || !Array.isArray(words)) {
    const shown = JSON.stringify(wrong ?? words);
    throw new InvalidOptionError(option, `${shown} is not a list of what there is: ${known.join(", ")}`);
  }
}
