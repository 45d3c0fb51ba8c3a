/** Two managers' exchanges behind one response: an application with two kinds of session. */
import type { Answer, Exchange, HeaderChanges } from "../core/exchange-contract.ts";
import { mergeChanges } from "./headers.ts";

/** What of an exchange concerns the response. */
export type Departure = Pick<Exchange, "finish" | "refuse">;

/** Commits one after the other; if the second fails, the answer is its error and the first one's data stays stored. */
export function joinExchanges(first: Departure, second: Departure): Departure {
  return {
    finish(answer: Answer): HeaderChanges | Promise<HeaderChanges> {
      const done = first.finish(answer);
      if (done instanceof Promise) return done.then((changes) => finishSecond(second, answer, changes));
      return finishSecond(second, answer, done);
    },
    refuse: (error) => mergeChanges(first.refuse(error), second.refuse(error)),
  };
}

function finishSecond(
  second: Departure,
  { status, cacheControl }: Answer,
  first: HeaderChanges,
): HeaderChanges | Promise<HeaderChanges> {
  const done = second.finish({ status, cacheControl: first.cacheControl ?? cacheControl });
  if (done instanceof Promise) return done.then((changes) => mergeChanges(first, changes));
  return mergeChanges(first, done);
}
