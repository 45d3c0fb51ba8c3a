/**
 * The store's operations, synchronous: each is one atomic step, and nothing was applied when one throws "busy". A
 * decision made on a row that was read holds only if the write that follows still finds the same version; otherwise
 * the row is read again.
 */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import {
  type Ended,
  expiryReason,
  type Instant,
  isLive,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import {
  type CallOptions,
  type DeleteResult,
  type Page,
  REVOCATION_MS,
  type SaveResult,
  TOMBSTONE_MS,
  type UserSessions,
} from "../contract.ts";
import type { SqliteHandle } from "./handle.ts";
import {
  endedOf,
  type HeaderRow,
  headerIn,
  type ListedRow,
  type RecordRow,
  recordOf,
  versionValue,
} from "./rows.ts";
import { prepareStatements, type Statements } from "./statements.ts";

/** Further than any deadline: lets `end` pass whatever the row's own deadline is. */
const WHENEVER = Number.MAX_SAFE_INTEGER;

export class Operations {
  readonly db: SqliteHandle;
  readonly sql: Statements;

  constructor(db: SqliteHandle) {
    this.db = db;
    this.sql = prepareStatements(db);
  }

  load(id: SessionId, call: CallOptions): SessionRecord | Ended | null {
    const key = fromBase64url(id);
    for (;;) {
      const row = this.read(key);
      if (row === undefined) return null;
      if (row.reason !== null) return endedOf(row, call.now);
      if (call.now < row.idle_until && call.now < row.absolute_until) return recordOf(id, row);
      this.endExpired(headerIn(id, row), row, call);
    }
  }

  save(record: SessionRecord, expected: Version, call: CallOptions): SaveResult {
    const key = fromBase64url(record.id);
    const { changes } = this.sql.save.run(
      versionValue(record.version),
      record.idleUntil,
      record.seenAt,
      record.credentials,
      record.payload,
      key,
      versionValue(expected),
      call.now,
      call.now,
    );
    if (changes === 1) return "saved";
    const current = this.live(record.id, key, call);
    return current ? { conflict: recordOf(record.id, current) } : "gone";
  }

  touch(id: SessionId, until: Instant, call: CallOptions): boolean {
    const key = fromBase64url(id);
    const { changes } = this.sql.touch.run(until, call.now, key, call.now, call.now);
    if (changes === 1) return true;
    this.live(id, key, call); // ends it if it has expired
    return false;
  }

  delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): DeleteResult {
    const key = fromBase64url(id);
    for (;;) {
      const row = this.live(id, key, call);
      if (row === null) return "gone";
      const header = headerIn(id, row);
      if (call.expected !== undefined && call.expected !== header.version) {
        return { conflict: recordOf(id, row) };
      }
      if (this.end(header, row, reason, call)) return "deleted";
    }
  }

  listByUser(userId: string, call: CallOptions & Page): UserSessions {
    const sessions: SessionHeader[] = [];
    let cursor = call.after === undefined ? null : parseCursor(call.after);
    for (;;) {
      const wanted = call.limit - sessions.length + 1;
      const rows = this.#rowsOfUser(userId, cursor, wanted);
      for (const row of rows) {
        const header = headerIn(toBase64url(row.id), row);
        if (!isLive(header, call.now)) this.endExpired(header, row, call);
        else if (sessions.length < call.limit) sessions.push(header);
        else return { sessions, after: cursorAt(sessions.at(-1)) };
      }
      const last = rows.at(-1);
      if (!last || rows.length < wanted) return { sessions, after: null };
      cursor = { createdAt: last.created_at, key: last.id };
    }
  }

  revocation(userId: string, now: Instant): string {
    return this.markOf(userId, now)?.token ?? "";
  }

  /** Whether a sweep would find something. */
  isDue(now: Instant): boolean {
    return this.sql.isDue.get(now) !== undefined || this.sql.markIsDue.get(now - REVOCATION_MS) !== undefined;
  }

  /** The user's mark while it counts. */
  markOf(userId: string, now: Instant): { readonly revoked_at: Instant; readonly token: string } | null {
    const mark = this.sql.markOf.get(userId) as { revoked_at: Instant; token: string } | undefined;
    return mark && now < mark.revoked_at + REVOCATION_MS ? mark : null;
  }

  /** The row as it is, ended or not. */
  read(key: Uint8Array): RecordRow | undefined {
    return this.sql.load.get(key) as RecordRow | undefined;
  }

  /** The live row. An expired one is ended on the way. */
  live(id: SessionId, key: Uint8Array, call: CallOptions): RecordRow | null {
    for (;;) {
      const row = this.read(key);
      if (row === undefined || row.reason !== null) return null;
      if (call.now < row.idle_until && call.now < row.absolute_until) return row;
      this.endExpired(headerIn(id, row), row, call);
    }
  }

  /** Ends a row unless it changed meanwhile: another process may have touched it with a punctual clock. */
  endExpired(header: SessionHeader, row: HeaderRow, call: CallOptions): boolean {
    return this.#end(header, row, expiryReason(header, call.now), call, call.now);
  }

  /** Ends a row that still has the version it was read with. */
  end(header: SessionHeader, row: HeaderRow, reason: EndReason, call: CallOptions): boolean {
    return this.#end(header, row, reason, call, WHENEVER);
  }

  #end(
    header: SessionHeader,
    row: HeaderRow,
    reason: EndReason,
    { now, onEnded }: CallOptions,
    dueBy: Instant,
  ): boolean {
    const key = fromBase64url(header.id);
    const { changes } = this.sql.end.run(reason, now, now + TOMBSTONE_MS, key, row.version, dueBy);
    if (changes !== 1) return false;
    onEnded?.(header, reason);
    return true;
  }

  /**
   * Several steps as one, and what ended told once it is committed. Takes the write lock first: a transaction that
   * began by reading could be refused it later.
   */
  atomically<C extends CallOptions, T>(call: C, act: (quiet: C) => T): T {
    const ended: [SessionHeader, EndReason][] = [];
    const quiet = call.onEnded
      ? { ...call, onEnded: (...end: [SessionHeader, EndReason]) => ended.push(end) }
      : call;
    this.sql.begin.run();
    let result: T;
    try {
      result = act(quiet);
      this.sql.commit.run();
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    for (const end of ended) call.onEnded?.(...end);
    return result;
  }

  #rollBack(): void {
    try {
      this.db.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself; the error before is the one to tell.
    }
  }

  #rowsOfUser(userId: string, after: Cursor | null, limit: number): ListedRow[] {
    if (after === null) return this.sql.firstOfUser.all(userId, limit) as ListedRow[];
    const { createdAt, key } = after;
    return this.sql.laterOfUser.all(userId, createdAt, createdAt, key, limit) as ListedRow[];
  }
}

interface Cursor {
  readonly createdAt: Instant;
  readonly key: Uint8Array;
}

function cursorAt(session: SessionHeader | undefined): string | null {
  return session ? `${session.createdAt}.${session.id}` : null;
}

function parseCursor(text: string): Cursor {
  const [, createdAt, id] = /^(-?\d{1,16})\.([A-Za-z0-9_-]{22})$/.exec(text) ?? [];
  if (!createdAt || !id) throw new StoreFault("corrupt", "That is no cursor of a listing.");
  return { createdAt: Number(createdAt), key: fromBase64url(id) };
}
