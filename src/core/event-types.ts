/** The events of a manager and what each carries. Their stable names stand in event-table.ts. */
import type { UndecodableReason } from "../errors.ts";
import type { Instant } from "./record.ts";
import type { SessionInfo } from "./types.ts";

/** A session of anyone, as events show it. */
export interface SessionSummary extends Omit<SessionInfo, "userId" | "authenticatedAt"> {
  readonly userId: string | null;
  readonly authenticatedAt: number | null;
}

/** What `on` can be told of. Nothing here holds a token, a secret or data. Details are frozen. */
export interface SessionEvents {
  /** A record was stored: a visitor's first write, or a login. */
  created: SessionSummary;
  /** A session ended, reported by the process that ended it. */
  ended: SessionSummary & { readonly reason: string };
  /** A secret came back that was replaced long ago: it was copied, or an old backup of a browser returned. */
  theft: SessionInfo;
  /** A request was refused (or, with `reportOnly`, would have been). */
  csrfDenied: { readonly reason: string };
  /** Stored data could not be read; the visitor got a fresh session, and the stored one stays as it is. */
  undecodable: { readonly id: string; readonly reason: UndecodableReason };
}

export type EventName = keyof SessionEvents;

/** The second argument of a listener: when and where it happened. */
export interface EventContext {
  /** When, in epoch milliseconds of the manager's clock. */
  readonly at: Instant;
}
