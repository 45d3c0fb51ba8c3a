/** What a handler is given as the session of a request that `skip` kept out. */
import { SessionSkippedError } from "../errors.ts";

const skipped = new Proxy(
  {},
  {
    get(_target, key) {
      // Promises and console.log look at what they are handed; that is no use of the session.
      if (key === "then" || typeof key === "symbol") return undefined;
      throw new SessionSkippedError();
    },
  },
);

export function skippedSession(): object {
  return skipped;
}
