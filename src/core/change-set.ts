/**
 * What a request wrote, recorded as changes of single keys rather than as a whole. A commit applies them to the data it
 * loaded and, after a conflict, again to what the other request left: so different keys both win, `update` counts
 * exactly once, and a value taken by another is noticed.
 */
import { isDeepStrictEqual } from "node:util";
import { ValueTakenError } from "../errors.ts";

export type Data = Readonly<Record<string, unknown>>;

export interface Flash {
  readonly kind: string;
  readonly message: string;
  /** Tells equal messages apart, so that reading one removes that one. */
  readonly mark: number;
}

/** Everything a payload holds. */
export interface Body {
  readonly data: Data;
  readonly flashes: readonly Flash[];
}

export type Change =
  | { readonly kind: "set"; readonly key: string; readonly value: unknown }
  | { readonly kind: "delete"; readonly key: string }
  | { readonly kind: "update"; readonly key: string; readonly change: (value: unknown) => unknown }
  | { readonly kind: "take"; readonly key: string; readonly seen: unknown }
  | { readonly kind: "clear" };

/** More than this many unread messages are not kept; the oldest go. */
export const MAX_FLASHES = 50;

export class ChangeSet {
  #changes: Change[] = [];
  #added: Flash[] = [];
  #read = new Set<number>();
  readonly #defaults: () => Data;

  /** `defaults` gives what a deleted key falls back to. */
  constructor(defaults: () => Data) {
    this.#defaults = defaults;
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0 && this.#added.length === 0 && this.#read.size === 0;
  }

  record(change: Change): void {
    if (change.kind === "clear") this.#changes = this.#changes.filter((earlier) => earlier.kind === "take");
    else if (change.kind === "set" || change.kind === "delete") {
      this.#changes = this.#changes.filter(
        (earlier) => earlier.kind === "clear" || earlier.kind === "take" || earlier.key !== change.key,
      );
    }
    this.#changes.push(change);
  }

  addFlash(flash: Flash): void {
    this.#added.push(flash);
  }

  /** Marks stored messages as read; ones added by this request simply go. */
  readFlashes(flashes: readonly Flash[]): void {
    const marks = new Set(flashes.map((flash) => flash.mark));
    const added = new Set(this.#added.map((flash) => flash.mark));
    this.#added = this.#added.filter((flash) => !marks.has(flash.mark));
    for (const mark of marks) if (!added.has(mark)) this.#read.add(mark);
  }

  /** The body with all changes applied; the given one stays as it is. Throws `ValueTakenError`. */
  applyTo(body: Body): Body {
    if (this.isEmpty) return body;
    let data: Record<string, unknown> = { ...body.data };
    for (const change of this.#changes) {
      if (change.kind === "clear") data = { ...this.#defaults() };
      else data = this.#applyOne(data, change);
    }
    const kept = body.flashes.filter((flash) => !this.#read.has(flash.mark));
    return { data, flashes: [...kept, ...this.#added].slice(-MAX_FLASHES) };
  }

  #applyOne(
    data: Record<string, unknown>,
    change: Exclude<Change, { kind: "clear" }>,
  ): Record<string, unknown> {
    const { key } = change;
    switch (change.kind) {
      case "set":
        data[key] = change.value;
        return data;
      case "update":
        data[key] = change.change(ownValue(data, key));
        return data;
      case "take":
        if (!isDeepStrictEqual(ownValue(data, key), change.seen)) throw new ValueTakenError(key);
        return this.#reset(data, key);
      case "delete":
        return this.#reset(data, key);
    }
  }

  #reset(data: Record<string, unknown>, key: string): Record<string, unknown> {
    const defaults = this.#defaults();
    if (Object.hasOwn(defaults, key)) data[key] = defaults[key];
    else delete data[key];
    return data;
  }
}

/** A key's own value: nothing inherited is ever read as data. */
export function ownValue(data: Data, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}
