/** Why a request has the session it has, or none, in a code and a sentence: for developers, logs and support. */
import type { RejectReason } from "./event-types.ts";
import type { RequestSession } from "./request-session.ts";

export interface Explanation {
  readonly code: string;
  readonly message: string;
}

const ABSENCES: Readonly<Record<RejectReason, string>> = {
  malformed: "A session cookie came, but it is not of our making: cut short, altered, or another program's.",
  unknown:
    "The cookie names a session that is not stored: it ended more than ten minutes ago, or never existed.",
  superseded:
    "The cookie holds a secret that was replaced by a rotation or renewal since. A newer cookie exists.",
  undecodable:
    "The session is stored, but its data cannot be read: another codec, schema or version wrote it.",
  idle: "The session ended because nobody used it for its idle time.",
  absolute: "The session ended because its absolute lifetime was over.",
  "logged-out": "The session was logged out.",
  revoked:
    "The session was revoked: by its user from another device, by an administrator, or with all of the user's.",
  replaced: "A login or renewal took the session's place. The browser should have a newer cookie.",
  limit: "The session was ended because the user signed in on more devices than sessionsPerUser allows.",
  theft: 'The session was ended because an old secret of it came back, a sign of theft (onTheft: "end").',
};

export function explainRequest(request: RequestSession): Explanation {
  const { connection, presented, state, loadFailure } = request;
  if (connection.door === "closed") {
    return {
      code: "insecure-transport",
      message: `Sessions are not tracked over this connection: ${connection.seen}. Set origin to your https address, or trustProxy.`,
    };
  }
  if (loadFailure)
    return {
      code: "store-unavailable",
      message: "The store did not answer, so nothing is known. The cookie was left alone.",
    };
  if (!request.isLoaded)
    return {
      code: "not-opened",
      message: "The session of this request was not loaded (lazy), because nobody asked for it.",
    };
  if (state.hold) {
    const who = state.hold.record.userId === null ? "a visitor's session" : "a signed-in session";
    return { code: "ok", message: `The request has ${who}, admitted by its ${state.hold.admission} secret.` };
  }
  const why = state.ended ?? request.absence;
  if (why !== "none") return { code: why, message: ABSENCES[why] };
  return {
    code: "no-cookie",
    message: presented.ambient ? "No session cookie came, only the one for CSRF tokens." : noCookie(request),
  };
}

/** The commonest question of all deserves the commonest reasons. */
function noCookie(request: RequestSession): string {
  const names =
    request.view.header("cookie") === undefined ? "no cookie at all" : "cookies, but none of ours";
  return (
    `The request came with ${names}. A visitor gets one with the first write; a browser leaves it out on cross-site ` +
    "requests (SameSite), in fetch without credentials, and on another host or port than the one that set it."
  );
}
