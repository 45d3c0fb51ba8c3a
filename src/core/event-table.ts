/**
 * Every event with the name that audit trails know it by, and how much it matters. Names are stable: alarms are keyed
 * to them. Adding an event means an entry in `SessionEvents`, one here, and a row in docs/audit.md; types and a test
 * hold the three together.
 */
import type { EventName } from "./event-types.ts";

/** `debug`: for measuring, kept out of audit trails unless asked for. */
export type Severity = "debug" | "info" | "warn" | "error";

export interface EventEntry {
  /** What an audit trail calls it, such as `session.created`. */
  readonly name: `session.${string}`;
  readonly severity: Severity;
  /** Anybody outside can cause it as often as they like, so a trail limits how much of it is written down. */
  readonly byStrangers?: true;
}

export const EVENTS: Readonly<Record<EventName, EventEntry>> = {
  created: { name: "session.created", severity: "info" },
  renewed: { name: "session.renewed", severity: "info" },
  rotated: { name: "session.rotated", severity: "debug" },
  ended: { name: "session.ended", severity: "info" },
  rejected: { name: "session.rejected", severity: "warn", byStrangers: true },
  theft: { name: "session.theft", severity: "error" },
  risk: { name: "session.risk", severity: "warn" },
  csrfDenied: { name: "session.csrf_denied", severity: "warn", byStrangers: true },
  urlRefused: { name: "session.url_refused", severity: "warn", byStrangers: true },
  limitReached: { name: "session.limit_reached", severity: "warn" },
  undecodable: { name: "session.undecodable", severity: "error" },
  storeFailed: { name: "session.store_failed", severity: "error", byStrangers: true },
  storeDown: { name: "session.store_down", severity: "error" },
  storeUp: { name: "session.store_up", severity: "warn" },
  headersSent: { name: "session.headers_sent", severity: "error" },
  loaded: { name: "session.loaded", severity: "debug" },
  committed: { name: "session.committed", severity: "debug" },
  conflict: { name: "session.conflict", severity: "debug" },
  storeCall: { name: "session.store_call", severity: "debug" },
};

export const EVENT_NAMES: readonly EventName[] = Object.keys(EVENTS) as EventName[];
