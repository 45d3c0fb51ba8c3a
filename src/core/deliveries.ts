/**
 * The cookies an answer brings: one for each purpose, the last word wins. What is owed goes out with whatever answer
 * follows a login, renewal or logout; what is offered only with the handler's own.
 */
import type { Aside, Delivery, Slot } from "../transports/contract.ts";
import { kindOf } from "./owners.ts";
import type { Instant } from "./record.ts";
import type { Hold } from "./state.ts";
import { formatToken, type Token } from "./token.ts";

type What = Delivery["what"];

export class Deliveries {
  readonly #owed = new Map<What, Delivery>();
  readonly #offered = new Map<What, Delivery>();

  /** The token of a session that was just made or renewed. */
  owe(hold: Hold, now: Instant): void {
    const slot = slotOf(hold);
    this.#offered.delete(slot);
    this.#owed.set(slot, tokenDelivery(slot, hold, hold.token, now));
  }

  /** Tokens for something beside the session; none takes the cookie away. */
  oweAside(what: Aside, tokens: readonly Token[], maxAge: number | null): void {
    if (tokens.length === 0) this.clear(what);
    else this.#owed.set(what, { what, value: tokens.map(formatToken).join("."), maxAge });
  }

  /** Takes a cookie away from the client. */
  clear(what: What): void {
    this.#offered.delete(what);
    this.#owed.set(what, { what, value: null, maxAge: 0 });
  }

  offerToken(hold: Hold, token: Token, now: Instant): void {
    const slot = slotOf(hold);
    this.#offered.set(slot, tokenDelivery(slot, hold, token, now));
  }

  /** A secret for forms, until the browser closes. */
  offerCsrf(value: string): void {
    this.#owed.delete("csrf");
    this.#offered.set("csrf", { what: "csrf", value, maxAge: null });
  }

  /** Nothing goes out for this purpose after all. */
  withdraw(what: What): void {
    this.#offered.delete(what);
    this.#owed.delete(what);
  }

  isCleared(what: What): boolean {
    return this.#owed.get(what)?.value === null;
  }

  get isEmpty(): boolean {
    return this.#owed.size + this.#offered.size === 0;
  }

  get owes(): boolean {
    return this.#owed.size > 0;
  }

  list(which: "all" | "owed"): readonly Delivery[] {
    if (which === "owed") return [...this.#owed.values()];
    return [...new Map([...this.#offered, ...this.#owed]).values()];
  }
}

export function slotOf({ record }: Hold): Slot | "acting" {
  return kindOf(record.userId) ?? "user";
}

/** A lasting cookie lives as long as the session may; a plain sign-in's goes with the browser. */
export function tokenDelivery(what: Slot | "acting", hold: Hold, token: Token, now: Instant): Delivery {
  const { absoluteUntil, persistent } = hold.record;
  const remainder = Math.max(1, Math.floor((absoluteUntil - now) / 1000));
  return { what, value: formatToken(token), maxAge: persistent ? remainder : null };
}
