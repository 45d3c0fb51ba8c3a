/** Why a request has the session it has, or none, in a code and a sentence: for developers, logs and support. */
import type { RejectReason } from "./event-types.ts";
import type { RequestSession } from "./request-session.ts";

export interface Explanation {
  readonly code: string;
  readonly message: string;
}

/** `@` stands for what carries the token: a cookie, or a token in a header. */
const ABSENCES: Readonly<Record<RejectReason, string>> = {
  malformed:
    "A session @ came, but it is not of our making: cut short, altered, sent twice, or another program's.",
  unknown: "The @ names a session that is not stored: it ended more than ten minutes ago, or never existed.",
  superseded: "The @ holds a secret that was replaced by a rotation or renewal since. A newer @ exists.",
  "below-profile":
    "The session is stored, but it is weaker than the profile asks for: it was made before the profile was set.",
  undecodable:
    "The session is stored, but its data cannot be read: another codec, schema or version wrote it.",
  "other-transport":
    "The session exists, but its token is none for this transport: what was made for a cookie is not taken from a " +
    "header, nor the other way round.",
  idle: "The session ended because nobody used it for its idle time.",
  absolute: "The session ended because its absolute lifetime was over.",
  "logged-out": "The session was logged out.",
  revoked:
    "The session was revoked: by its user from another device, by an administrator, or with all of the user's.",
  replaced: "A login or renewal took the session's place. The client should have a newer @.",
  limit: "The session was ended because the user signed in on more devices than sessionsPerUser allows.",
  theft: 'The session was ended because an old secret of it came back, a sign of theft (onTheft: "end").',
  risk: 'The session was ended because a request of it came from elsewhere, and onSignal answered "end".',
};

/** Where clients carry their sessions, what is not known is not here. */
const UNCARRIED: Readonly<Partial<Record<RejectReason, string>>> = {
  unknown:
    "The @ came without the session that belongs beside it: the browser dropped those cookies, or sent only some of them.",
  undecodable:
    "The session beside the @ is not whole, was changed, belongs to another @, or was sealed under a key that is not in the " +
    "ring; or its data is of another codec, schema or version.",
};

export function explainRequest(request: RequestSession): Explanation {
  const { code, message } = explain(request);
  return { code, message: message.replaceAll("@", request.tracking.isHeld ? "token" : "cookie") };
}

function explain(request: RequestSession): Explanation {
  const { connection, tracking, state, loadFailure } = request;
  if (connection.door === "closed") {
    return {
      code: "insecure-transport",
      message: `Sessions are not tracked over this connection: ${connection.seen}. Set origin to your https address, or trustProxy.`,
    };
  }
  if (loadFailure)
    return {
      code: "store-unavailable",
      message: "The store did not answer, so nothing is known. The @ was left alone.",
    };
  if (!request.isLoaded)
    return {
      code: "not-opened",
      message: "The session of this request was not loaded (lazy), because nobody asked for it.",
    };
  const aside =
    tracking.ignored.length === 0
      ? ""
      : ` What came by ${tracking.ignored.join(" and ")} as well was not looked at: transports names ${tracking.transport} before it.`;
  if (state.hold) {
    const message = `The request has ${whoIn(request)}, admitted by its ${state.hold.admission} secret.${aside}`;
    return { code: "ok", message };
  }
  const why = state.ended ?? request.absence;
  if (why !== "none") {
    const message = (request.cargo && UNCARRIED[why]) ?? ABSENCES[why];
    return { code: why, message: message + aside };
  }
  return tracking.isHeld || tracking.transport === "none" ? noToken(request) : noCookie(request);
}

function whoIn({ state, own, actingOver }: RequestSession): string {
  if (state.hold?.record.userId === null) return "a visitor's session";
  if (own) return "a session in which its user acts for another";
  if (actingOver === null) return "a signed-in session";
  return `a signed-in session (it came to act for somebody, and that is over: ${actingOver})`;
}

/** The commonest question of all deserves the commonest reasons. */
function noCookie(request: RequestSession): Explanation {
  const { presented, view, engine } = request;
  const code = "no-cookie";
  if (presented.ambient) return { code, message: "No session cookie came, only the one for CSRF tokens." };
  const names = view.header("cookie") === undefined ? "no cookie at all" : "cookies, but none of ours";
  const bearer =
    /^bearer\b/i.test(view.header("authorization") ?? "") && !engine.vary.includes("Authorization")
      ? " It has an Authorization header, which is not read: transports names no header()."
      : "";
  return {
    code,
    message:
      `The request came with ${names}. A visitor gets one with the first write; a browser leaves it out on cross-site ` +
      `requests (SameSite), in fetch without credentials, and on another host or port than the one that set it.${bearer}`,
  };
}

function noToken({ engine, tracking }: RequestSession): Explanation {
  return {
    code: "no-token",
    message:
      `The request came without a token in ${engine.vary.join(" or ")}. A client gets one with its login or first ` +
      `write, if it says that it keeps it${tracking.ask === undefined ? "" : `: ${tracking.ask}`}.`,
  };
}
