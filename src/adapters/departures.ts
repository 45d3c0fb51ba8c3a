/**
 * The exchanges of one answer: of one manager, or of several that serve the request together. They commit one after the
 * other, the one opened last first, as nested handlers would.
 */
import type { Answer, Exchange, HeaderChanges } from "../core/exchange-contract.ts";
import { CsrfDeniedError, type SojournError } from "../errors.ts";
import { mergeChanges, UNCHANGED } from "./headers.ts";

/** What of an exchange concerns the answer. */
export type Departing = Pick<Exchange, "finish" | "refuse" | "concerns" | "asksForHsts">;

/**
 * Commits each. The first one that fails decides: the answer is its error, those behind it commit nothing, and what was
 * committed before it stays stored.
 */
export function finishAll(
  exchanges: readonly Departing[],
  answer: Answer,
  from = 0,
): HeaderChanges | Promise<HeaderChanges> {
  const done = exchanges[from]?.finish(answer) ?? UNCHANGED;
  if (from + 1 >= exchanges.length) return done;
  const goOn = (changes: HeaderChanges): HeaderChanges | Promise<HeaderChanges> => {
    const next: Answer = { ...answer, cacheControl: changes.cacheControl ?? answer.cacheControl };
    const others = finishAll(exchanges, next, from + 1);
    if (others instanceof Promise) return others.then((more) => mergeChanges(changes, more));
    return mergeChanges(changes, others);
  };
  return done instanceof Promise ? done.then(goOn) : goOn(done);
}

/** Whether any of them wants to know of the answer's Strict-Transport-Security. */
export function askForHsts(exchanges: readonly Departing[]): boolean {
  return exchanges.some(({ asksForHsts }) => asksForHsts);
}

/** What the others of an answer owe goes out too, whoever of them failed. */
export function refuseAll(exchanges: readonly Departing[], error: SojournError): HeaderChanges {
  return exchanges.map((exchange) => exchange.refuse(error)).reduce(mergeChanges, UNCHANGED);
}

/** Whether what was written over this exchange is kept when its handler fails with this error. */
export function keeps(exchange: Departing, error: SojournError): boolean {
  return error.status < 500 && !(error instanceof CsrfDeniedError && exchange.concerns(error));
}
