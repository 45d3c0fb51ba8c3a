/**
 * The secret behind a request's CSRF tokens: the session's own, or, before there is one, that of a cookie which costs
 * the store nothing and which the visitor's session adopts (SECURITY C3).
 */
import { fromBase64url, toBase64url } from "./bytes.ts";
import type { RequestSession } from "./request-session.ts";
import { companionsOf } from "./served.ts";
import { padCsrf } from "./token.ts";

const SHAPE = /^[A-Za-z0-9_-]{43}$/;

export class CsrfSecret {
  readonly #request: RequestSession;
  #made: Uint8Array | null = null;
  /** The tokens of other managers that this request came with. */
  forOthers: readonly string[] = [];

  constructor(request: RequestSession) {
    this.#request = request;
  }

  /** What tokens of this request are checked against; `null` when there is nothing yet. */
  get known(): Uint8Array | null {
    const { found } = this.#request.state;
    return found ? padCsrf(found.credentials.csrf, found.token) : this.beforeLogin;
  }

  /** The secret that a visitor's first record takes over. */
  get beforeLogin(): Uint8Array | null {
    return this.#made ?? (this.#request.deliveries.isCleared("csrf") ? null : this.#presented);
  }

  get #presented(): Uint8Array | null {
    const { csrf } = this.#request.presented;
    return csrf !== null && SHAPE.test(csrf) ? fromBase64url(csrf) : null;
  }

  /** Makes one, and its cookie, where none is known. */
  #forRendering(): Uint8Array {
    const { known } = this;
    if (known) return known;
    this.#request.checkWritable("csrfToken");
    this.#made = new Uint8Array(this.#request.engine.random(32));
    this.#request.deliveries.offerCsrf(toBase64url(this.#made));
    return this.#made;
  }

  /**
   * A token for a form. Where several managers serve the request it comes with those of the others that are known, so
   * that one field satisfies them all; without a secret a manager has nothing to protect yet.
   */
  render(): string {
    const request = this.#request;
    const tokens = [request, ...companionsOf(request)].flatMap(({ engine, csrf }) => {
      const secret = csrf === this ? this.#forRendering() : csrf.known;
      return secret ? [engine.csrf.mask(secret, engine.nonces(32))] : [];
    });
    return request.engine.csrf.join(tokens);
  }

  /** A fresh token for one that was refused, with what came along for other managers. */
  renew(): string | null {
    const { known } = this;
    const { csrf, nonces } = this.#request.engine;
    return known && csrf.join([csrf.mask(known, nonces(32)), ...this.forOthers]);
  }

  /** After a login or logout tokens of before are worthless. */
  forget(): void {
    const { deliveries, presented } = this.#request;
    this.#made = null;
    deliveries.withdraw("csrf");
    if (presented.csrf !== null) deliveries.clear("csrf");
  }
}
