/**
 * The network a request comes from: of the socket's other end, or, where that is a declared proxy, of the client it
 * names. What no declared proxy wrote counts for nothing (SECURITY X2, D23).
 */
import { isSameAddress, networkOf, parseAddress, withoutPort } from "./address.ts";
import { forwardedFor, isDeclaredProxy, readTrustProxy } from "./forwarding.ts";
import type { RequestView } from "./request.ts";

/**
 * Never throws itself; `readTrustProxy` does for a bad option. `null` where nothing certain is known: the runtime does
 * not tell, a declared proxy names nobody, its two headers disagree.
 */
export function createNetworkReader(
  trustProxy: number | readonly string[] | undefined,
): (view: RequestView) => string | null {
  const trusted = readTrustProxy(trustProxy);
  return (view) => {
    if (!trusted || !isDeclaredProxy(view.peer, trusted)) return networkNamed([view.peer ?? null]);
    return networkNamed(forwardedFor(view, trusted));
  };
}

/** What all sources say, as long as they say the same. */
function networkNamed(said: readonly (string | null)[]): string | null {
  const [first, other] = said.map((text) => (text === null ? null : parseAddress(withoutPort(text))));
  if (!first || other === null) return null;
  return other === undefined || isSameAddress(first, other) ? networkOf(first) : null;
}
