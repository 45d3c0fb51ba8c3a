/**
 * When the cross-site check runs and what it needs. The origin part is a verdict on headers; the token part needs the
 * session's secret. A request that carries nothing a browser attaches by itself passes for now, and its verdict is kept
 * for the first login or record (docs/csrf.md).
 */
import type { CsrfReason, OriginVerdict } from "../csrf/contract.ts";
import { CsrfDeniedError } from "../errors.ts";
import { bringsAccounts } from "./accounts.ts";
import { blame } from "./blame.ts";
import type { RequestSession } from "./request-session.ts";

const HEADER = "x-csrf-token";

/** `given`: none is needed, but the one that came must be right. */
export type Demand = "none" | "given" | "token";

/** The origin part. Throws `CsrfDeniedError`, or says whether a token has to decide. */
export function judgeOrigin(request: RequestSession): Demand {
  const { engine, view, connection } = request;
  const verdict = engine.csrf.judge(view, connection);
  if (verdict.kind === "safe") return "none";
  if (verdict.kind === "denied") {
    refuse(request, verdict.reason);
    return "none";
  }
  if (needsToken(request, verdict)) return "token";
  return view.header(HEADER) === undefined ? "none" : "given";
}

function needsToken(request: RequestSession, verdict: OriginVerdict): boolean {
  if (request.engine.csrf.tokenAlways || verdict.kind === "weak" || mayMistakeAccount(request)) return true;
  return verdict.kind === "unknown" && isAmbient(request);
}

/** Where one browser has several accounts, only the token says for which of them a page was made. */
function mayMistakeAccount({ engine, view, presented }: RequestSession): boolean {
  return engine.settings.accounts !== null && presented.user.length > 0 && !view.upgrade;
}

/** The token that decides, if the request brings one where it need not be read from the body. */
export function headerToken({ view }: RequestSession): string | undefined {
  return view.header(HEADER);
}

/**
 * The token part, once the session is loaded and the token was looked for: all at once, so that nothing can act between.
 * Throws `CsrfDeniedError`; 503 when the secret could not be read.
 */
export function checkToken(request: RequestSession, demand: Demand, text: string | undefined): void {
  const { engine, view, connection, csrf } = request;
  if (request.loadFailure) throw request.loadFailure;
  const verdict = text === undefined ? "absent" : engine.csrf.judgeToken(text, csrf.known);
  if (text !== undefined) csrf.forOthers = engine.csrf.forOthers(text);
  if (verdict === "invalid") refuse(request, "token_invalid");
  if (verdict === "absent" && demand === "token") {
    const silent = engine.csrf.judge(view, connection).kind === "unknown" && !engine.csrf.tokenAlways;
    refuse(request, silent && text === undefined ? "no_origin" : "token_missing");
  }
}

/** For what would be stored before the body was looked at: it is refused as if there were no token in it. */
export function refuseUndecided(request: RequestSession): void {
  refuse(request, "token_missing");
}

/** Whether a browser attaches authority to this request without its page having a say. */
function isAmbient(request: RequestSession): boolean {
  return (
    request.presented.ambient ||
    bringsAccounts(request) ||
    /^(basic|digest|negotiate|ntlm)\b/i.test(request.view.header("authorization") ?? "")
  );
}

/** Refuses now, or, where there is nothing to forge, at the first login or record. */
function refuse(request: RequestSession, reason: CsrfReason): void {
  const { engine, view, connection } = request;
  const error = blame(new CsrfDeniedError(reason, engine.csrfHint(reason, view, connection)), request);
  const now = isAmbient(request);
  if (now || engine.csrf.reportOnly) request.emit("csrfDenied", { reason });
  if (engine.csrf.reportOnly) return;
  if (!now) {
    request.refusal = error;
    return;
  }
  request.denial = error;
  throw error;
}
