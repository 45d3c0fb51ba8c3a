/** The answer on a Hono context, and how another one takes its place. */
import type { Context } from "hono";
import type { HeaderChanges } from "../core/exchange-contract.ts";
import { SojournError } from "../errors.ts";
import { discard, withChanges } from "./fetch-response.ts";
import { addToVary, isUnchanged, staysOnFailure } from "./headers.ts";

export function applyTo(c: Context, changes: HeaderChanges): void {
  if (isUnchanged(changes)) return;
  const changed = withChanges(c.res, changes);
  if (changed !== c.res) replace(c, changed);
}

/** Drops the answer for one that tells a failure. What speaks for the server as a whole stays, such as that of CORS. */
export function fail(c: Context, answer: Response): void {
  const { status, statusText } = answer;
  const headers = new Headers(answer.headers);
  for (const [name, value] of c.res.headers) {
    if (name !== "vary" && staysOnFailure(name) && !headers.has(name)) headers.set(name, value);
  }
  const vary = addToVary(headers.get("vary") ?? undefined, c.res.headers.get("vary")?.split(/, */) ?? []);
  if (vary !== undefined) headers.set("vary", vary);
  discard(c.res);
  replace(c, new Response(answer.body, { status, statusText, headers }));
  if (c.error) answered.set(c, c.error);
}

/** Set over another one, Hono would let the other's headers win, and of cookies keep the other's alone. */
function replace(c: Context, response: Response): void {
  c.res = undefined;
  c.res = response;
}

const answered = new WeakMap<Context, Error>();

/**
 * The error of ours that a handler threw, where `app.onError` left its answer to us: an empty one, as Hono's own makes
 * of `getResponse()`, or a 500 for what is none.
 */
export function unansweredError(c: Context): SojournError | undefined {
  const { error, res } = c;
  if (!(error instanceof SojournError) || answered.get(c) === error) return undefined;
  const isLeft = res.status === error.status ? res.body === null : res.status === 500;
  return isLeft ? error : undefined;
}
