/**
 * Login tickets: the user's revocation token as it was before the password was checked. A `revokeAll` in between
 * changes the token, and the login is refused, whatever the clocks say (PROTOCOL P2).
 */
import { InvalidArgumentError, SessionEndedError } from "../errors.ts";
import type { Engine, Settings } from "./engine.ts";
import { LOGIN_WINDOW_MS } from "./login.ts";
import type { Instant } from "./record.ts";
import type { LoginTicket } from "./types.ts";

interface TicketContent {
  /** Those of the manager that issued it. */
  readonly settings: Settings;
  readonly revocation: string;
  readonly at: Instant;
}

const contents = new WeakMap<LoginTicket, TicketContent>();

export function issueTicket(engine: Engine, userId: string, revocation: string, at: Instant): LoginTicket {
  const ticket: LoginTicket = Object.freeze({ userId });
  contents.set(ticket, { settings: engine.settings, revocation, at });
  return ticket;
}

/** The revocation token in it. Throws when it is not a ticket of this user, or too old. */
export function redeemTicket(ticket: LoginTicket, userId: string, engine: Engine): string {
  const content = contents.get(ticket);
  if (content?.settings !== engine.settings)
    throw new InvalidArgumentError(
      "login(): ticket must come from beginLogin() of these sessions, in this process.",
    );
  if (ticket.userId !== userId)
    throw new InvalidArgumentError("login(): the ticket was made for another user.");
  if (engine.now() - content.at > LOGIN_WINDOW_MS) {
    throw new SessionEndedError(
      "revoked",
      "The login ticket is older than 10 minutes. Start the login again.",
    );
  }
  return content.revocation;
}
