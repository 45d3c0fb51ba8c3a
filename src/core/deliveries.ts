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

/** Most answers bring none, so nothing is made before the first. */
const NONE: ReadonlyMap<What, Delivery> = new Map();

export class Deliveries {
  #owed: Map<What, Delivery> | null = null;
  #offered: Map<What, Delivery> | null = null;

  /** The token of a session that was just made or renewed. */
  owe(hold: Hold, now: Instant): void {
    const slot = slotOf(hold);
    this.#offered?.delete(slot);
    this.#owe(tokenDelivery(slot, hold, hold.token, now));
  }

  /** Tokens for something beside the session; none takes the cookie away. */
  oweAside(what: Aside, tokens: readonly Token[], maxAge: number | null): void {
    if (tokens.length === 0) this.clear(what);
    else this.#owe({ what, value: tokens.map(formatToken).join("."), maxAge });
  }

  /** Takes a cookie away from the client. */
  clear(what: What): void {
    this.#offered?.delete(what);
    this.#owe({ what, value: null, maxAge: 0 });
  }

  offerToken(hold: Hold, token: Token, now: Instant): void {
    this.#offer(tokenDelivery(slotOf(hold), hold, token, now));
  }

  /** A secret for forms, until the browser closes. */
  offerCsrf(value: string): void {
    this.#owed?.delete("csrf");
    this.#offer({ what: "csrf", value, maxAge: null });
  }

  /** Nothing goes out for this purpose after all. */
  withdraw(what: What): void {
    this.#offered?.delete(what);
    this.#owed?.delete(what);
  }

  isCleared(what: What): boolean {
    return this.#owed?.get(what)?.value === null;
  }

  get isEmpty(): boolean {
    return !this.owes && (this.#offered ?? NONE).size === 0;
  }

  get owes(): boolean {
    return (this.#owed ?? NONE).size > 0;
  }

  list(which: "all" | "owed"): readonly Delivery[] {
    const owed = this.#owed ?? NONE;
    if (which === "owed") return [...owed.values()];
    return [...new Map([...(this.#offered ?? NONE), ...owed]).values()];
  }

  #owe(delivery: Delivery): void {
    this.#owed ??= new Map();
    this.#owed.set(delivery.what, delivery);
  }

  #offer(delivery: Delivery): void {
    this.#offered ??= new Map();
    this.#offered.set(delivery.what, delivery);
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
