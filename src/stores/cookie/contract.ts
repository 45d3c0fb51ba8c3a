/** What a store whose sessions their clients carry has beside the operations of every store. */
import type { SessionHeader, SessionId } from "../../core/record.ts";
import type { EndReason } from "../../errors.ts";
import type { CallOptions, SessionStore } from "../contract.ts";

/**
 * What a request brought of the sessions that its client carries, and what the answer has to bring back. Text in it is
 * of the store's making and of the characters of base64url.
 */
export interface Cargo {
  /** What came beside the token of this id; `null` where nothing did. */
  brought(id: SessionId): Carried | null;
  /** The session as it is to go out, in place of what came; unless the request holds it no more. */
  put(record: SessionHeader, sealed: string): void;
  /** A later deadline alone, so that whoever only reads overwrites no data that another request wrote. */
  putDeadline(record: SessionHeader, sealed: string): void;
}

export interface Carried {
  /** `null`: not whole, or more than one of a kind came. */
  readonly sealed: string | null;
  readonly deadline: string | null;
}

/** Of a store that keeps no session itself: the client carries each one, sealed. */
export interface Carrying {
  /** Whether ends, revocations and records for one use are remembered anywhere. */
  readonly remembers: boolean;
  /** And whether a restart leaves that as it is. */
  readonly durable: boolean;
  /** How long a session that was copied, or ended elsewhere, is still good. For `describe()`. */
  readonly revocation: string;
  /** The store as one request sees it: with the sessions it brought. Outside of a request there are none. */
  for(cargo: Cargo): SessionStore;
  /** `delete` where nobody brought the session: of this user, whether it exists or not. */
  end(userId: string, id: SessionId, reason: EndReason, call: CallOptions): Promise<void>;
}

/** `Remembers`: whether sessions of it can be ended. */
export interface CarryingStore<Remembers extends boolean = boolean> extends SessionStore {
  readonly carrying: Carrying & { readonly remembers: Remembers };
}
