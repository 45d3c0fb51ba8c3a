/** A store's operations on single sessions. Whatever was decided on a row that changed meanwhile is decided again. */
import { fromBase64url } from "../../core/bytes.ts";
import {
  type Ended,
  expiryReason,
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
  type SaveResult,
  TOMBSTONE_MS,
  type UserSessions,
} from "../contract.ts";
import { cursorAt, parseCursor } from "../cursor.ts";
import type { UserDigest } from "../user-digest.ts";
import type { Deadline } from "./deadline.ts";
import type { Queries, Query, SqlValue } from "./queries.ts";
import { headerIn, recordIn, rowsIn, textValue } from "./rows.ts";

export class Operations {
  readonly sql: Queries;
  readonly digest: UserDigest;
  /** A user as the rows of their sessions are looked for. */
  readonly userValue: (userId: string) => SqlValue;

  constructor(sql: Queries, digest: UserDigest, userValue: (userId: string) => SqlValue = textValue) {
    this.sql = sql;
    this.digest = digest;
    this.userValue = userValue;
  }

  async rows(query: Query, values: SqlValue[], call: Deadline): Promise<readonly (readonly unknown[])[]> {
    const rows = await query(values, call);
    call.onProgress?.();
    return rowsIn(rows);
  }

  /** Whether a query that answers a row for each one it applied to applied to any. */
  async applies(query: Query, values: SqlValue[], call: Deadline): Promise<boolean> {
    return (await query(values, call)).length > 0;
  }

  async load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    const key = fromBase64url(id);
    for (;;) {
      const [row] = await this.rows(this.sql.load, [key], call);
      if (row === undefined) return null;
      const found = recordIn(row);
      if ("ended" in found) return call.now < found.at + TOMBSTONE_MS ? found : null;
      if (isLive(found, call.now)) return found;
      await this.#endExpired(key, call);
    }
  }

  async save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    const values = [
      fromBase64url(record.id),
      textValue(expected),
      textValue(record.version),
      record.idleUntil,
      record.seenAt,
      Buffer.from(record.credentials),
      Buffer.from(record.payload),
      call.now,
    ];
    if (await this.applies(this.sql.save, values, call)) return "saved";
    const current = await this.live(record.id, call);
    return current ? { conflict: current } : "gone";
  }

  async touch(id: SessionId, until: number, call: CallOptions): Promise<boolean> {
    for (;;) {
      if (await this.applies(this.sql.touch, [fromBase64url(id), until, call.now], call)) return true;
      const current = await this.live(id, call);
      if (current === null) return false;
      // Some databases do not count a row that was as it should be already.
      if (current.idleUntil >= Math.min(until, current.absoluteUntil) && current.seenAt >= call.now)
        return true;
    }
  }

  async delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    const expected = call.expected === undefined ? null : textValue(call.expected);
    const values = [fromBase64url(id), call.now, reason, expected];
    if (!call.onEnded && (await this.applies(this.sql.endUntold, values, call))) return "deleted";
    for (;;) {
      const [row] = await this.rows(this.sql.end, values, call);
      if (row) return this.tell(headerIn(row), reason, call) ? "deleted" : "gone";
      const current = await this.live(id, call);
      if (current === null) return "gone";
      if (call.expected !== undefined && current.version !== call.expected) return { conflict: current };
    }
  }

  /** The live session. An expired one is ended on the way. */
  async live(id: SessionId, call: CallOptions): Promise<SessionRecord | null> {
    const found = await this.load(id, call);
    return found && "ended" in found ? null : found;
  }

  async listByUser(userId: string, call: CallOptions & Page): Promise<UserSessions> {
    const sessions: SessionHeader[] = [];
    let cursor = call.after === undefined ? null : parseCursor(call.after);
    for (;;) {
      const wanted = call.limit - sessions.length + 1;
      const key = cursor && fromBase64url(cursor.id);
      const values = [this.userValue(userId), cursor?.createdAt ?? null, key, wanted];
      const found = (await this.rows(this.sql.ofUser, values, call)).map(headerIn);
      for (const session of found) {
        if (!isLive(session, call.now)) await this.#endExpired(fromBase64url(session.id), call);
        else if (sessions.length < call.limit) sessions.push(session);
        else return { sessions, after: cursorAt(sessions.at(-1)) };
      }
      const last = found.at(-1);
      if (!last || found.length < wanted) return { sessions, after: null };
      cursor = { createdAt: last.createdAt, id: last.id };
    }
  }

  /** Ends it unless it changed meanwhile: another process may have touched it with a punctual clock. */
  async #endExpired(key: Uint8Array, call: CallOptions): Promise<void> {
    const rows = await this.rows(this.sql.end, [key, call.now, null, null], call);
    for (const row of rows) this.tell(headerIn(row), "idle", call);
  }

  /** Reports an end, as it stands in the row: a deadline that had come goes before `reason`. Whether none had. */
  tell(session: SessionHeader, reason: EndReason, { now, onEnded }: CallOptions): boolean {
    const wasLive = isLive(session, now);
    onEnded?.(session, wasLive ? reason : expiryReason(session, now));
    return wasLive;
  }
}
