/** What is measured by itself: one step that requests take, small enough that a change of its time has an address. */

export interface Piece {
  readonly name: string;
  /** At most this many microseconds, where there is a budget. */
  readonly budget?: number;
  /** Does it once. What it returns is kept from being optimised away; a promise is waited for. */
  readonly act: () => unknown;
}

export interface Group {
  readonly title: string;
  readonly pieces: readonly Piece[];
}

/** Takes turns among things of a kind, so that nothing is measured on one that every cache holds. */
export function inTurn<T>(things: readonly T[]): () => T {
  let turn = 0;
  return () => {
    const thing = things[turn++ % things.length];
    if (thing === undefined) throw new Error("nothing to take turns among");
    return thing;
  };
}
