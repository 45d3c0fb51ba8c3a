/** Verbs of one request that act at once (login, renew, logout, save) take turns, whoever forgot to await them. */
export class Turns {
  #last: Promise<unknown> | null = null;
  #waiting = 0;

  async take<T>(act: () => Promise<T>): Promise<T> {
    // At once where nothing is under way: what is written after the call is after the verb.
    const turn = this.isBusy && this.#last ? this.#last.then(act, act) : act();
    this.#waiting += 1;
    this.#last = turn;
    turn.catch(() => {}); // the caller of `take` hears of it
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  get isBusy(): boolean {
    return this.#waiting > 0;
  }

  /** Waits for what was started and not awaited; fails as the last of it did, so that no answer hides it. */
  async settled(): Promise<void> {
    while (this.isBusy) await this.#last;
  }
}
