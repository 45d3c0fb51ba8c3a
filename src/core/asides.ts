/**
 * Tokens that a client holds beside that of its session: read only when asked for, and kept in step with what this
 * request adds and takes away. Each purpose has one cookie with the newest token first.
 */
import type { Aside } from "../transports/contract.ts";
import type { SessionId } from "./record.ts";
import type { RequestSession } from "./request-session.ts";
import { parseToken, type Token } from "./token.ts";

export class Asides {
  readonly #request: RequestSession;
  readonly #tokens = new Map<Aside, readonly Token[]>();

  constructor(request: RequestSession) {
    this.#request = request;
  }

  /** What is malformed, and a cookie that came several times (one of them was planted), counts as absent. */
  get(what: Aside): readonly Token[] {
    const known = this.#tokens.get(what);
    if (known) return known;
    const [value = "", ...others] = this.#request.tracking.find(what);
    const tokens = others.length > 0 ? [] : value.split(".").map(parseToken);
    const sound = tokens.filter((token) => token !== null);
    this.#tokens.set(what, sound);
    return sound;
  }

  /** Puts a token in front, dropping the oldest beyond `max`. */
  add(what: Aside, token: Token, limits: { readonly max: number; readonly maxAge: number | null }): void {
    this.put(what, [token, ...this.get(what)].slice(0, limits.max), limits.maxAge);
  }

  remove(what: Aside, id: SessionId, maxAge: number | null): void {
    this.put(
      what,
      this.get(what).filter((token) => token.id !== id),
      maxAge,
    );
  }

  put(what: Aside, tokens: readonly Token[], maxAge: number | null): void {
    this.#tokens.set(what, tokens);
    this.#request.deliveries.oweAside(what, tokens, maxAge);
  }
}
