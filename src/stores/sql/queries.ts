/** What the stores on SQL databases ask, each in its own SQL. */
import type { Deadline } from "./deadline.ts";

export type SqlValue = null | boolean | number | string | Uint8Array;

/**
 * Rows as arrays of their columns in order. A query that changes rows answers one for each that it changed. What it
 * decides and what it changes is one step: a row that changed in between is not touched.
 */
export type Query = (values: SqlValue[], call: Deadline) => Promise<readonly unknown[]>;

/** Headers are the columns that `headerIn` reads, as they were before the query. */
export interface Queries {
  /** id: header, reason, credentials, payload. */
  readonly load: Query;
  /** id, expected version, version, idle deadline, seen, credentials, payload, now. */
  readonly save: Query;
  /** id, idle deadline, now. */
  readonly touch: Query;
  /** id, now, reason (null: only if a deadline has come), expected version (null: any). The header. */
  readonly end: Query;
  /** The same for a session that still lives, where nobody is to be told of it: a row, and no header. */
  readonly endUntold: Query;
  /** user, now, id to leave alone or null, limit. Headers; fewer than the limit when none is left. */
  readonly endOfUser: Query;
  /** id to begin after, now, limit. Headers; fewer than the limit when none is left. */
  readonly endAny: Query;
  /**
   * now, limit. What was due: headers and reasons. Forgets what had a reason, and ends or postpones the rest. Fewer
   * than the limit when nothing is left.
   */
  readonly sweep: Query;
  /** now, limit. */
  readonly forgetMarks: Query;
  /** now. A row if there is something to sweep. */
  readonly isDue: Query;
  /** user, created and id to begin after or null, limit. Headers, newest first. */
  readonly ofUser: Query;
  /** id to begin after, limit. Header, reason, credentials and payload of what has not ended, in the order of ids. */
  readonly liveAfter: Query;
  /** digest, now, token. */
  readonly mark: Query;
  /** digest, now. The token of a mark that counts. */
  readonly markOf: Query;
  readonly ping: Query;
}
