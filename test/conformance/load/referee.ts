// Knows what was asked and answered, in order, and so what must be true of each session, what cannot be, and what may.
import { expect } from "vitest";
import type { HttpBrowser } from "../../../src/testing/adapter-contract/http-browser.ts";

/** "End all my other sessions", from its request to its answer. `ended` is infinite while there is no answer. */
interface Revocation {
  readonly by: Login;
  readonly began: number;
  ended: number;
  /** Whether it was answered 200. Otherwise it may have been done and may not. */
  isSure: boolean;
}

/** A session, from the request that signed in. */
export interface Login {
  readonly userId: string;
  readonly id: string;
  readonly began: number;
  readonly ended: number;
  /** Increments that were answered 200. */
  counted: number;
  /** Increments of which nobody knows: answered 503. */
  doubtful: number;
}

export class Referee {
  readonly #revocations = new Map<string, Revocation[]>();
  /** Browsers whose session ended for good. */
  readonly ghosts: HttpBrowser[] = [];
  #moment = 0;
  readonly seen: Record<string, number> = {};

  /** The order of what the referee sees. */
  moment(): number {
    return ++this.#moment;
  }

  note(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }

  revokes(by: Login): Revocation {
    const revocation = { by, began: this.moment(), ended: Number.POSITIVE_INFINITY, isSure: false };
    const all = this.#revocations.get(by.userId) ?? [];
    this.#revocations.set(by.userId, [...all, revocation]);
    return revocation;
  }

  /** An answer to a request that began at `began` shows the session alive. */
  mayBeAlive(login: Login, began: number): void {
    const fatal = this.#against(login).find(
      (each) => each.isSure && each.began > login.ended && each.ended < began,
    );
    expect(fatal, `a session of ${login.userId} that was revoked came back`).toBeUndefined();
  }

  /** An answer shows it gone, although it never signed out. */
  mayBeGone(login: Login): void {
    const cause = this.#against(login).find((each) => each.ended > login.began);
    expect(cause, `a session of ${login.userId} is gone, and nobody revoked it`).toBeDefined();
  }

  #against(login: Login): readonly Revocation[] {
    return (this.#revocations.get(login.userId) ?? []).filter(({ by }) => by.id !== login.id);
  }
}
