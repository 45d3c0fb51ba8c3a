/**
 * What makes sessions in cookies end: notes on those that ended, on users whose sessions were revoked, and on everybody's.
 * A revocation is a random token: sessions made before hold another one, whatever the clocks of the machines say.
 */
import { randomBytes } from "node:crypto";
import { toBase64url } from "../../core/bytes.ts";
import { LONGEST_CARRIED_MS } from "../../core/carried-options.ts";
import { unpackCredentials } from "../../core/credentials.ts";
import {
  type Ended,
  type Instant,
  isEndReason,
  type SessionId,
  type SessionRecord,
} from "../../core/record.ts";
import type { EndReason } from "../../errors.ts";
import type { CallOptions, CreateOptions, SessionStore } from "../contract.ts";
import type { CarriedSession, EpochTokens } from "./format.ts";
import { Marks, markId, type Note } from "./marks.ts";

/** Clocks of machines differ, and a note must outlive what it is about. */
const SLACK_MS = 10 * 60_000;
/** Revocations in a row that one session outlives; a session is made anew long before. */
const MOST_SPARED = 100;
const EVERYONE: SessionId = markId("everyone");
/** One row for good: while the end of an expired note is remembered, none can be made in its place. */
const EVERYONE_MS = 90 * LONGEST_CARRIED_MS;

export class Epochs {
  /** Where what is no session is kept as it is: records for one use, sessions in which somebody acts. */
  readonly store: SessionStore;
  readonly #marks: Marks;

  constructor(store: SessionStore, ttlMs: number) {
    this.store = store;
    this.#marks = new Marks(store, ttlMs);
  }

  /** How a session ended, as far as it is known here; `now`: as far as it is known at all. */
  async endOf(
    { record, epochs }: CarriedSession,
    call: CallOptions,
    when: "now" | "recent",
  ): Promise<Ended | null> {
    const { id, userId } = record;
    const ids = [sessionMark(userId, id), EVERYONE, ...(userId === null ? [] : [userMark(userId)])];
    const [own, everyone, user] =
      when === "recent"
        ? await this.#marks.recent(ids, call)
        : await Promise.all(ids.map((mark) => this.#marks.now(mark, call)));
    if (own && typeof own.ended === "string" && isEndReason(own.ended))
      return { ended: own.ended, at: atOf(own) };
    if (own && Number(own.floor) > latestEpoch(record)) return { ended: "replaced", at: atOf(own) };
    if (user && user.token !== epochs.user && !isSpared(user, id, epochs.user))
      return { ended: "revoked", at: atOf(user) };
    if (everyone && everyone.token !== epochs.everyone) return { ended: "revoked", at: atOf(everyone) };
    return null;
  }

  /** What a session made now is made under; `revoked` for a login that began before the user's last revocation. */
  async admit(userId: string | null, call: CreateOptions): Promise<EpochTokens | "revoked"> {
    const [user, everyone] = await Promise.all([
      userId === null ? null : this.#marks.now(userMark(userId), call),
      this.#marks.now(EVERYONE, call),
    ]);
    const { since } = call;
    const isLate =
      user && ("startedAt" in since ? since.startedAt <= atOf(user) : since.revocation !== user.token);
    return isLate ? "revoked" : { user: tokenIn(user), everyone: tokenIn(everyone) };
  }

  /** Answers whether this call ended it. */
  end(
    { id, userId, absoluteUntil }: Pick<SessionRecord, "id" | "userId" | "absoluteUntil">,
    reason: EndReason,
    call: CallOptions,
  ): Promise<boolean> {
    return this.#marks.change(sessionMark(userId, id), absoluteUntil + SLACK_MS, call, (note) =>
      note?.ended === undefined ? { ended: reason, at: call.now } : null,
    );
  }

  /** Of a session that nobody brought, so that its end is not known. */
  async endUnseen(userId: string, id: SessionId, reason: EndReason, call: CallOptions): Promise<void> {
    await this.end({ id, userId, absoluteUntil: call.now + LONGEST_CARRIED_MS }, reason, call);
  }

  /** Copies of a session from before its renewal end. */
  async raise({ id, userId, absoluteUntil }: SessionRecord, floor: number, call: CallOptions): Promise<void> {
    await this.#marks.change(sessionMark(userId, id), absoluteUntil + SLACK_MS, call, (note) =>
      note === null || Number(note.floor) < floor ? { floor, at: call.now } : null,
    );
  }

  async revokeUser(userId: string, spared: SessionId | null, call: CallOptions): Promise<void> {
    await this.#revoke(userMark(userId), LONGEST_CARRIED_MS, call, (note) =>
      spared === null ? {} : sparing(spared, note),
    );
  }

  async revokeEveryone(call: CallOptions): Promise<void> {
    await this.#revoke(EVERYONE, EVERYONE_MS, call, () => ({}));
  }

  async revocation(userId: string, call: CallOptions): Promise<string> {
    return tokenIn(await this.#marks.now(userMark(userId), call));
  }

  async #revoke(
    id: SessionId,
    forMs: number,
    call: CallOptions,
    more: (note: Note | null) => Note,
  ): Promise<void> {
    const token = toBase64url(randomBytes(12));
    await this.#marks.change(id, call.now + forMs + SLACK_MS, call, (note) => ({
      ...more(note),
      token,
      at: Math.max(call.now, note ? atOf(note) : 0),
    }));
  }
}

/**
 * Who is spared now must have been good until now: it holds the token of the revocation before, or was spared by that
 * one too. Else naming a session that had ended would bring it back.
 */
function sparing(spared: SessionId, before: Note | null): Note {
  const earlier = before?.spared === spared ? tokensIn(before) : [];
  return { spared, tokens: [tokenIn(before), ...earlier].slice(0, MOST_SPARED) };
}

function isSpared(note: Note, id: SessionId, token: string): boolean {
  return note.spared === id && tokensIn(note).includes(token);
}

function tokensIn({ tokens }: Note): readonly string[] {
  return Array.isArray(tokens) ? tokens : [];
}

/**
 * A renewal under way counts: when its second save ends in doubt its first one goes out, beside the new token alone, and
 * the floor may have been raised for the second (PROTOCOL rule 6).
 */
function latestEpoch({ credentials }: SessionRecord): number {
  const { epoch, pending } = unpackCredentials(credentials);
  return pending?.salt === null ? epoch + 1 : epoch;
}

function sessionMark(userId: string | null, id: SessionId): SessionId {
  return userId === null ? markId("visitor", id) : markId("session", userId, id);
}

function userMark(userId: string): SessionId {
  return markId("user", userId);
}

function atOf({ at }: Note): Instant {
  return typeof at === "number" ? at : 0;
}

function tokenIn(note: Note | null): string {
  return typeof note?.token === "string" ? note.token : "";
}
