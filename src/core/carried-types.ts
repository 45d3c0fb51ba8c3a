/**
 * Managers whose clients carry the sessions (`cookieStore`), and what they cannot do: nobody keeps a list of sessions, and
 * what is for one use, or is to be ended from elsewhere, has to be remembered somewhere.
 */
import type { SessionAdmin, SessionWatch } from "./manager-types.ts";
import type { LoginTicket, ReadonlySession, Session } from "./types.ts";

type Listed = "accounts" | "switchTo" | "logoutAll" | "actAs" | "stopActing";
type Remembered = "beginSecondFactor" | "pendingLogin" | "handoff" | "receive";

/** A session that its client carries, and that can be ended: all of `Session` but what needs a list of sessions. */
export type RevocableSession<D extends object> = Omit<Session<D>, Listed>;

/** A session that its client carries, and nobody else knows of: nothing of it is for one use. */
export type CarriedSession<D extends object> = Omit<Session<D>, Listed | Remembered>;

/** A manager on `cookieStore({ keys })`. */
export interface CarriedSessions<D extends object> extends SessionWatch {
  /** As in `Sessions`. */
  of(request: object): CarriedSession<D>;
  open(request: object): Promise<CarriedSession<D>>;
  peek(request: object): Promise<ReadonlySession<D> | null>;
}

/**
 * A manager on `cookieStore({ keys, epochs })`: sessions can be ended, and nobody knows which ones there are. So `revoke`
 * answers `true` whether there was such a session or not, and `revokeAll` and `erase` count none that are carried.
 */
export interface RevocableSessions<D extends object>
  extends SessionWatch,
    Pick<SessionAdmin, "revoke" | "revokeAll" | "erase" | "revokeEveryone"> {
  /** As in `Sessions`. */
  beginLogin(userId: string): Promise<LoginTicket>;
  of(request: object): RevocableSession<D>;
  open(request: object): Promise<RevocableSession<D>>;
  peek(request: object): Promise<ReadonlySession<D> | null>;
}
