/**
 * The store's operations, synchronous: each is one atomic step, and nothing was applied when one throws "busy". A
 * decision made on a row that was read holds only if the write that follows still finds the same version; otherwise
 * the row is read again.
 */
import { randomBytes } from "node:crypto";
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import {
  type Ended,
  expiryReason,
  headerOf,
  type Instant,
  isLive,
  type SessionHeader,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../core/record.ts";
import type { EndReason } from "../../errors.ts";
import {
  type CallOptions,
  type DeleteResult,
  type Page,
  REVOCATION_MS,
  type SaveResult,
  TOMBSTONE_MS,
  type UserSessions,
} from "../contract.ts";
import { type Cursor, cursorAt, parseCursor } from "../cursor.ts";
import type { UserDigest } from "../user-digest.ts";
import type { SqliteHandle } from "./handle.ts";
import { contentValue, createdAtIn, type HeaderRow, headerIn, keyIn, recordIn, textValue } from "./rows.ts";
import { prepareStatements, type Statements } from "./statements.ts";

/** Further than any deadline: lets `end` pass whatever the row's own deadline is. */
const WHENEVER = Number.MAX_SAFE_INTEGER;

export interface Mark {
  readonly revokedAt: Instant;
  readonly token: string;
}

export class Operations {
  readonly db: SqliteHandle;
  readonly sql: Statements;
  readonly #digest: UserDigest;
  /** Whether a transaction of ours is open. */
  #isOpen = false;

  constructor(db: SqliteHandle, digest: UserDigest) {
    this.db = db;
    this.#digest = digest;
    this.sql = prepareStatements(db);
  }

  load(id: SessionId, call: CallOptions): SessionRecord | Ended | null {
    const key = fromBase64url(id);
    for (;;) {
      const row = this.sql.load.get(key, key);
      if (row === undefined) return null;
      const found = recordIn(id, row);
      if ("ended" in found) return call.now < found.at + TOMBSTONE_MS ? found : null;
      if (isLive(found, call.now)) return found;
      this.endExpired(headerOf(found), call);
    }
  }

  save(record: SessionRecord, expected: Version, call: CallOptions): SaveResult {
    const key = fromBase64url(record.id);
    const { changes } = this.sql.save.run(
      textValue(record.version),
      record.idleUntil,
      record.seenAt,
      contentValue(record),
      key,
      key,
      textValue(expected),
      call.now,
      call.now,
    );
    if (changes === 1) return "saved";
    const current = this.live(record.id, call);
    return current ? { conflict: current } : "gone";
  }

  touch(id: SessionId, until: Instant, call: CallOptions): boolean {
    const key = fromBase64url(id);
    const { changes } = this.sql.touch.run(until, call.now, key, key, call.now, call.now);
    if (changes === 1) return true;
    this.live(id, call); // ends it if it has expired
    return false;
  }

  delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): DeleteResult {
    for (;;) {
      const record = this.live(id, call);
      if (record === null) return "gone";
      if (call.expected !== undefined && call.expected !== record.version) return { conflict: record };
      if (this.end(headerOf(record), reason, call)) return "deleted";
    }
  }

  /** The live session. An expired one is ended on the way. */
  live(id: SessionId, call: CallOptions): SessionRecord | null {
    const found = this.load(id, call);
    return found && "ended" in found ? null : found;
  }

  listByUser(userId: string, call: CallOptions & Page): UserSessions {
    const sessions: SessionHeader[] = [];
    let cursor = call.after === undefined ? null : parseCursor(call.after);
    for (;;) {
      const wanted = call.limit - sessions.length + 1;
      const rows = this.#rowsOfUser(userId, cursor, wanted);
      for (const row of rows) {
        const session = headerIn(row);
        if (session === null) continue;
        if (!isLive(session, call.now)) this.endExpired(session, call);
        else if (sessions.length < call.limit) sessions.push(session);
        else return { sessions, after: cursorAt(sessions.at(-1)) };
      }
      const last = rows.at(-1);
      if (!last || rows.length < wanted) return { sessions, after: null };
      cursor = { createdAt: createdAtIn(last), id: toBase64url(keyIn(last)) };
    }
  }

  #rowsOfUser(userId: string, after: Cursor | null, limit: number): HeaderRow[] {
    const user = textValue(userId);
    if (after === null) return this.sql.firstOfUser.all(user, limit);
    const { createdAt, id } = after;
    return this.sql.laterOfUser.all(user, createdAt, createdAt, fromBase64url(id), limit);
  }

  /** From here on no login of the user that began earlier gets in. */
  mark(userId: string, now: Instant): void {
    this.sql.mark.run(this.#digest(userId), now, toBase64url(randomBytes(12)));
  }

  /** The user's mark while it counts. */
  markOf(userId: string, now: Instant): Mark | null {
    const row = this.sql.markOf.get(this.#digest(userId));
    if (!row) return null;
    const [revokedAt, token] = row;
    return now < revokedAt + REVOCATION_MS ? { revokedAt, token } : null;
  }

  /** Whether a sweep would find something. */
  isDue(now: Instant): boolean {
    return (
      this.sql.dueSpan.get(now) !== undefined || this.sql.markIsDue.get(now - REVOCATION_MS) !== undefined
    );
  }

  /** Ends a session unless it changed meanwhile: another process may have touched it with a punctual clock. */
  endExpired(session: SessionHeader, call: CallOptions): boolean {
    return this.#end(session, expiryReason(session, call.now), call, call.now);
  }

  /** Ends a session that still has the version it was read with. */
  end(session: SessionHeader, reason: EndReason, call: CallOptions): boolean {
    return this.#end(session, reason, call, WHENEVER);
  }

  #end(session: SessionHeader, reason: EndReason, { now, onEnded }: CallOptions, dueBy: Instant): boolean {
    const key = fromBase64url(session.id);
    const version = textValue(session.version);
    const { changes } = this.sql.end.run(reason, now, key, key, version, dueBy);
    if (changes !== 1) return false;
    onEnded?.(session, reason);
    return true;
  }

  /** Several steps as one, and what ended told once it is done. */
  atomically<C extends CallOptions, T>(call: C, act: (quiet: C) => T): T {
    const { quiet, tell } = hushed(call);
    const result = this.transaction(() => act(quiet));
    tell();
    return result;
  }

  /**
   * All of it or nothing; also inside another one. Takes the write lock first: a transaction that began by reading could
   * be refused it later.
   */
  transaction<T>(act: () => T): T {
    const isInner = this.#isOpen;
    (isInner ? this.sql.savepoint : this.sql.begin).run();
    this.#isOpen = true;
    try {
      const result = act();
      (isInner ? this.sql.release : this.sql.commit).run();
      return result;
    } catch (error) {
      this.#rollBack(isInner);
      throw error;
    } finally {
      this.#isOpen = isInner;
    }
  }

  #rollBack(isInner: boolean): void {
    try {
      this.db.exec(isInner ? "ROLLBACK TO step; RELEASE step" : "ROLLBACK");
    } catch {
      // SQLite has rolled back by itself; the error before is the one to tell.
    }
  }
}

/** A call that keeps what it ends to itself until that may be told. */
export function hushed<C extends CallOptions>(call: C): { readonly quiet: C; readonly tell: () => void } {
  const { onEnded } = call;
  if (!onEnded) return { quiet: call, tell() {} };
  const ended: [SessionHeader, EndReason][] = [];
  return {
    quiet: { ...call, onEnded: (...end: [SessionHeader, EndReason]) => ended.push(end) },
    tell() {
      for (const end of ended) onEnded(...end);
    },
  };
}
