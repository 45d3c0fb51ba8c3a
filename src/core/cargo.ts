/**
 * Sessions that travel with their client: what came beside the tokens of a request, and what goes out with its answer.
 * Browsers drop a cookie above 4096 bytes, so a session travels in pieces. The first one begins with their number: a
 * piece that an earlier, larger session left behind is not taken for one of this.
 */
import { StoreFault } from "../errors.ts";
import type { Cargo, Carried } from "../stores/cookie/contract.ts";
import type { Delivery, Piece, Slot } from "../transports/contract.ts";
import { slotOf, tokenDelivery } from "./deliveries.ts";
import type { SessionHeader, SessionId } from "./record.ts";
import type { RequestSession } from "./request-session.ts";
import { parseToken } from "./token.ts";

/** With the longest name and all attributes a line stays below 4096, which is what the strictest browsers count. */
const LONGEST_PIECE = 3600;

/** More would not pass Node's own limit of 16 KiB for all headers of a request. */
const MOST_PIECES = 4;

interface Leaving {
  readonly record: SessionHeader;
  readonly sealed: string | null;
  readonly deadline: string | null;
}

export class RequestCargo implements Cargo {
  readonly #request: RequestSession;
  readonly #leaving = new Map<SessionId, Leaving>();

  constructor(request: RequestSession) {
    this.#request = request;
  }

  get isEmpty(): boolean {
    return this.#leaving.size === 0;
  }

  brought(id: SessionId): Carried | null {
    const { user, visitor } = this.#request.presented;
    const comes = (tokens: readonly string[]): boolean => tokens.some((token) => isOf(token, id));
    const slot = comes(user) ? "user" : comes(visitor) ? "visitor" : null;
    if (slot === null || !this.#came(`${slot}.1`)) return null;
    return { sealed: this.#joined(slot), deadline: this.#only(`${slot}.0`) };
  }

  put(record: SessionHeader, sealed: string): void {
    if (1 + sealed.length > MOST_PIECES * LONGEST_PIECE) {
      throw new StoreFault(
        "too-large",
        `The session takes ${sealed.length} characters, more than cookies may.`,
      );
    }
    this.#leaving.set(record.id, { record, sealed, deadline: null });
  }

  putDeadline(record: SessionHeader, sealed: string): void {
    const leaving = this.#leaving.get(record.id);
    this.#leaving.set(record.id, { record, sealed: leaving?.sealed ?? null, deadline: sealed });
  }

  /**
   * The deliveries of an answer, with the sessions that belong to them. Whatever was stored goes out with whatever answer
   * follows, since it is stored nowhere else. A session always goes with its token: so two late answers cannot leave the
   * token of one beside the session of the other.
   */
  beside(deliveries: readonly Delivery[]): readonly Delivery[] {
    const all = new Map(deliveries.map((delivery) => [delivery.what, delivery]));
    for (const slot of ["user", "visitor"] as const) {
      if (all.get(slot)?.value === null) this.#takeAway(slot, 0, all);
    }
    for (const leaving of this.#leaving.values()) this.#load(leaving, all);
    return [...all.values()];
  }

  #load({ record, sealed, deadline }: Leaving, all: Map<string, Delivery>): void {
    const token = this.#tokenOf(record, all);
    if (!token) return;
    const { maxAge } = token;
    const slot: Slot = record.userId === null ? "visitor" : "user";
    if (sealed !== null) {
      const pieces = cut(sealed);
      all.set(slot, token);
      for (const [at, value] of pieces.entries()) {
        const what: Piece = `${slot}.${at + 1}`;
        all.set(what, { what, value, maxAge });
      }
      this.#takeAway(slot, pieces.length + 1, all);
      if (deadline === null && this.#came(`${slot}.0`)) all.set(`${slot}.0`, gone(`${slot}.0`));
    }
    if (deadline !== null) all.set(`${slot}.0`, { what: `${slot}.0`, value: deadline, maxAge });
  }

  /** What this answer says of the token, or the one that the request came with. */
  #tokenOf({ id }: SessionHeader, all: ReadonlyMap<string, Delivery>): Delivery | null {
    for (const delivery of all.values())
      if (delivery.value !== null && isOf(delivery.value, id)) return delivery;
    const { engine, state, own } = this.#request;
    const hold = [state, own].map((each) => each?.hold).find((held) => held?.record.id === id);
    return hold ? tokenDelivery(slotOf(hold), hold, hold.token, engine.now()) : null;
  }

  #takeAway(slot: Slot, from: number, all: Map<string, Delivery>): void {
    for (let at = from; at <= MOST_PIECES; at++) {
      const what: Piece = `${slot}.${at}`;
      if (this.#came(what)) all.set(what, gone(what));
    }
  }

  #joined(slot: Slot): string | null {
    const first = this.#only(`${slot}.1`);
    const count = Number(first?.[0]);
    if (first === null || !(count >= 1 && count <= MOST_PIECES)) return null;
    let text = first.slice(1);
    for (let at = 2; at <= count; at++) {
      const piece = this.#only(`${slot}.${at}`);
      if (piece === null) return null;
      text += piece;
    }
    return text;
  }

  /** One that came twice was planted once. */
  #only(what: Piece): string | null {
    const [value = null, ...others] = this.#request.tracking.find(what);
    return others.length === 0 ? value : null;
  }

  #came(what: Piece): boolean {
    return this.#request.tracking.find(what).length > 0;
  }
}

function isOf(token: string, id: SessionId): boolean {
  return parseToken(token)?.id === id;
}

function cut(sealed: string): readonly string[] {
  const count = Math.ceil((1 + sealed.length) / LONGEST_PIECE);
  const text = `${count}${sealed}`;
  return Array.from({ length: count }, (_, at) => text.slice(at * LONGEST_PIECE, (at + 1) * LONGEST_PIECE));
}

function gone(what: Piece): Delivery {
  return { what, value: null, maxAge: 0 };
}
