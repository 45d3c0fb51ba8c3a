/** A fetch `Response`: what the core is told of it, and what it wants changed. */
import type { Answer, Exchange, HeaderChanges } from "../core/exchange-contract.ts";
import { addToVary, HSTS, isUnchanged } from "./headers.ts";

/** Headers are looked at when they are asked for: some servers make them only then. */
export function answerOf(response: Response, { asksForHsts }: Exchange): Answer {
  const answer = {
    // Response.error() has status 0 and reaches the client as a failed connection, so nothing was acknowledged.
    status: response.status === 0 ? 500 : response.status,
    get cacheControl(): string | undefined {
      return response.headers.get("cache-control") ?? undefined;
    },
  };
  return asksForHsts ? { ...answer, hsts: response.headers.has(HSTS) } : answer;
}

/**
 * The response with the changes. Cookies and tokens go on a copy that shares the body, since an application may return one
 * bodiless Response to everybody, which would then hand one visitor's cookie to the next. What is for caches alone is set in
 * place where the headers allow it (those of Response.redirect and of an answer made by fetch do not): servers answer
 * a copy in slower ways (docs/decisions/045-hono-answers.md).
 */
export function withChanges(response: Response, changes: HeaderChanges): Response {
  if (isUnchanged(changes)) return response;
  const isForCaches = changes.cookies.length + changes.set.length === 0;
  if (isForCaches && response.status > 0 && changeInPlace(response, changes)) return response;
  // A 101 belongs to one connection and cannot be constructed; where its headers are immutable it goes as it is.
  if (response.status > 0 && response.status < 200) {
    changeInPlace(response, changes);
    return response;
  }
  const headers = apply(new Headers(response.headers), changes);
  const { status, statusText } = response;
  if (status > 0) return new Response(response.body, { status, statusText, headers });
  // Response.error() reaches the client as a failed connection: it tells nobody anything, unless a token is owed.
  return changes.cookies.length + changes.set.length > 0
    ? new Response(null, { status: 500, headers })
    : response;
}

function apply(headers: Headers, changes: HeaderChanges): Headers {
  for (const cookie of changes.cookies) headers.append("set-cookie", cookie);
  if (changes.cacheControl !== undefined) headers.set("cache-control", changes.cacheControl);
  const vary = addToVary(headers.get("vary") ?? undefined, changes.vary);
  if (vary !== undefined) headers.set("vary", vary);
  for (const [name, value] of changes.set) headers.set(name, value);
  return headers;
}

/** `false`: its headers are immutable, and nothing was changed. */
function changeInPlace(response: Response, changes: HeaderChanges): boolean {
  try {
    apply(response.headers, changes);
    return true;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return false;
  }
}

/** Frees what a response that nobody will read holds on to. */
export function discard(response: Response): void {
  if (response.body && !response.body.locked) response.body.cancel().catch(() => {});
}
