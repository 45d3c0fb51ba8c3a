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
  /** The version of the application that shaped the data, where that is newer than this one's: it is stored again. */
  readonly newer?: number;
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
  #read: Set<number> | null = null;
  readonly #defaults: () => Data;

  /** `defaults` gives what a deleted key falls back to. */
  constructor(defaults: () => Data) {
    this.#defaults = defaults;
  }

  get isEmpty(): boolean {
    return this.#changes.length === 0 && this.#added.length === 0 && !this.#read;
  }

  /** Records a change and gives the body as it now looks to the request that made it. */
  record(change: Change, seen: Body): Body {
    const data = this.#apply({ ...seen.data }, change);
    this.#add(change);
    return change.kind === "clear" ? { data, flashes: seen.flashes } : { ...seen, data };
  }

  /** A take saw what the changes before it made, so those stay for as long as it does. */
  #add(change: Change): void {
    const isClaimed = this.#changes.some(
      (earlier) => earlier.kind === "take" && (change.kind === "clear" || earlier.key === change.key),
    );
    if (!isClaimed) this.#changes = this.#changes.filter((earlier) => !isOvertaken(earlier, change));
    this.#changes.push(change);
  }

  /** Forgets the takes of a key. */
  dropClaim(key: string): void {
    this.#changes = this.#changes.filter((change) => change.kind !== "take" || change.key !== key);
  }

  /** These changes and then `later` ones, as one set. */
  followedBy(later: ChangeSet): ChangeSet {
    const both = new ChangeSet(this.#defaults);
    both.#changes = [...this.#changes];
    for (const change of later.#changes) both.#add(change);
    both.#added = [...this.#added, ...later.#added].filter((flash) => !later.#read?.has(flash.mark));
    if (this.#read || later.#read) both.#read = new Set([...(this.#read ?? []), ...(later.#read ?? [])]);
    return both;
  }

  addFlash(flash: Flash, seen: Body): Body {
    this.#added.push(flash);
    return { ...seen, flashes: [...seen.flashes, flash].slice(-MAX_FLASHES) };
  }

  /** Marks stored messages as read; ones added by this very request simply go. */
  readFlashes(flashes: readonly Flash[], seen: Body): Body {
    const marks = new Set(flashes.map((flash) => flash.mark));
    const own = new Set(this.#added.map((flash) => flash.mark));
    this.#added = this.#added.filter((flash) => !marks.has(flash.mark));
    const stored = [...marks].filter((mark) => !own.has(mark));
    if (stored.length > 0) this.#read = new Set([...(this.#read ?? []), ...stored]);
    return { ...seen, flashes: seen.flashes.filter((flash) => !marks.has(flash.mark)) };
  }

  /** The body with all changes applied; the given one stays as it is. Throws `ValueTakenError`. */
  applyTo(body: Body): Body {
    if (this.isEmpty) return body;
    let data: Record<string, unknown> = { ...body.data };
    for (const change of this.#changes) data = this.#apply(data, change);
    const flashes = this.#flashesAfter(body.flashes);
    // Data that was cleared is all this version's own.
    return this.#changes.some(({ kind }) => kind === "clear")
      ? { data, flashes }
      : { ...body, data, flashes };
  }

  #flashesAfter(stored: readonly Flash[]): readonly Flash[] {
    if (this.#added.length === 0 && !this.#read) return stored;
    const kept = stored.filter((flash) => !this.#read?.has(flash.mark));
    return [...kept, ...this.#added].slice(-MAX_FLASHES);
  }

  #apply(data: Record<string, unknown>, change: Change): Record<string, unknown> {
    switch (change.kind) {
      case "clear":
        return { ...this.#defaults() };
      case "set":
        data[change.key] = change.value;
        return data;
      case "update":
        data[change.key] = change.change(ownValue(data, change.key));
        return data;
      case "take":
        if (!isDeepStrictEqual(ownValue(data, change.key), change.seen))
          throw new ValueTakenError(change.key);
        return this.#reset(data, change.key);
      case "delete":
        return this.#reset(data, change.key);
    }
  }

  #reset(data: Record<string, unknown>, key: string): Record<string, unknown> {
    const defaults = this.#defaults();
    if (Object.hasOwn(defaults, key)) data[key] = defaults[key];
    else delete data[key];
    return data;
  }
}

/** Whether a later change makes an earlier one pointless. A take stays: it is a claim, not only a removal. */
function isOvertaken(earlier: Change, later: Change): boolean {
  if (earlier.kind === "take") return false;
  if (later.kind === "clear") return true;
  const isFinal = later.kind === "set" || later.kind === "delete";
  return isFinal && earlier.kind !== "clear" && earlier.key === later.key;
}

/** A key's own value: nothing inherited is ever read as data. */
export function ownValue(data: Data, key: string): unknown {
  return Object.hasOwn(data, key) ? data[key] : undefined;
}
