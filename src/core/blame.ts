/** Whose session an error is about: where several managers serve a request, each answers for its own. */
import type { RequestSession } from "./request-session.ts";

const culprits = new WeakMap<object, RequestSession>();

export function blame<E extends Error>(error: E, request: RequestSession): E {
  culprits.set(error, request);
  return error;
}

/** `undefined`: nobody's in particular. */
export function culpritOf(error: unknown): RequestSession | undefined {
  return typeof error === "object" && error !== null ? culprits.get(error) : undefined;
}
