/** What values cost in bytes, so that a copy can be refused before it is large. */

/** The bytes that values take at least; a lower bound, since what fits must never be refused. */
export interface Costs {
  /** Beside the text's own length. */
  readonly text: number;
  /** Beside the key's own length. */
  readonly key: number;
  readonly boolean: number;
  readonly container: number;
  /** Between the items of a list. */
  readonly separator: number;
  bytes(length: number): number;
}

/** Of JSON, and of whatever is longer. */
export const JSON_COSTS: Costs = {
  text: 2,
  key: 3,
  boolean: 4,
  container: 2,
  separator: 1,
  bytes: (length) => Math.ceil(length / 3) * 4 + 2,
};

/** Of binary formats. */
export const BINARY_COSTS: Costs = {
  text: 1,
  key: 1,
  boolean: 1,
  container: 1,
  separator: 0,
  bytes: (length) => length + 1,
};
