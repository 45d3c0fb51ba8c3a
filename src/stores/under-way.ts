/** The calls a store is busy with, so that whoever closes it can wait for them. */
export class UnderWay {
  #count = 0;
  #idle: PromiseWithResolvers<void> | null = null;

  /** Counts until what `act` answers is settled. */
  async track<T>(act: () => Promise<T>): Promise<T> {
    this.#count++;
    try {
      return await act();
    } finally {
      if (--this.#count === 0) {
        this.#idle?.resolve();
        this.#idle = null;
      }
    }
  }

  /** Resolves when nothing is under way any more, however it ended. */
  async settled(): Promise<void> {
    while (this.#count > 0) {
      this.#idle ??= Promise.withResolvers();
      await this.#idle.promise;
    }
  }
}
