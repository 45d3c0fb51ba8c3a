/** What one request knows of its session: what it loaded, by which secret, and what it wrote so far. */
import type { EndReason } from "../errors.ts";
import { type Body, ChangeSet } from "./change-set.ts";
import { type Credentials, unpackCredentials } from "./credentials.ts";
import type { Engine } from "./engine.ts";
import type { Instant, SessionId, SessionRecord } from "./record.ts";
import type { Token } from "./token.ts";

/** A record with its parts unpacked. */
export interface Loaded {
  readonly record: SessionRecord;
  readonly credentials: Credentials;
  readonly body: Body;
}

/** How the presented secret stood when the request was opened; judged once, for admission. */
type Admission = "current" | "next" | "overlap";

/** A request's hold on a stored session. */
export interface Hold extends Loaded {
  readonly token: Token;
  readonly admission: Admission;
  /** Grows when the old secret dies at once; a write goes on only while the record still has it. */
  readonly epoch: number;
  /** Made by this very request under the policy `refuse`: it stays short-lived until a request shows its cookie. */
  readonly isUnconfirmed: boolean;
}

/** Why a request has no session, for `explain` and for the error of a write. */
export type Absence = EndReason | "none" | "malformed" | "unknown" | "superseded" | "undecodable";

export interface SessionState {
  /** `null`: nothing is stored; a write will create a visitor's session. */
  hold: Hold | null;
  readonly changes: ChangeSet;
  /** The id a fresh session gets, drawn when it is asked for. */
  freshId: SessionId | null;
  readonly freshAt: Instant;
  /** Set when the held session was found to have ended while the request ran. */
  ended: EndReason | "superseded" | "unknown" | null;
}

export function freshState(engine: Engine): SessionState {
  return {
    hold: null,
    changes: new ChangeSet(() => engine.shape.defaults()),
    freshId: null,
    freshAt: engine.now(),
    ended: null,
  };
}

export function heldState(engine: Engine, hold: Hold): SessionState {
  return { ...freshState(engine), hold };
}

/** Throws `UndecodableError`. */
export function unpack(engine: Engine, record: SessionRecord): Loaded {
  return {
    record,
    credentials: unpackCredentials(record.credentials),
    body: engine.shape.decode(record.id, record.payload),
  };
}

/** Where the session stands if nobody touches it again. */
export function expiresAt(record: Pick<SessionRecord, "idleUntil" | "absoluteUntil">): Instant {
  return Math.min(record.idleUntil, record.absoluteUntil);
}
