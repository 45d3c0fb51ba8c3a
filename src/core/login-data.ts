/** What the session of a login holds: what goes over from the one before, and what the login brings itself. */
import { isDeepStrictEqual } from "node:util";
import { type Body, type ChangeSet, ownValue } from "./change-set.ts";
import type { Engine } from "./engine.ts";
import type { LoginPlan } from "./login.ts";
import type { Loaded } from "./state.ts";

/** Where a login comes from: the session held so far, and what the request wrote into it and did not store. */
export interface LoginOrigin {
  readonly old: Loaded | null;
  readonly changes: ChangeSet;
  /** A session of this user that waited in the browser's list of accounts: taken up again, data and all. */
  readonly again?: Loaded | null;
}

/** What a login takes the place of, and what is carried over from it. */
export type Origin = Pick<Loaded, "record" | "body">;

/** What a login knows of the user's session that it takes up again. */
export interface Resumed {
  readonly plan: LoginPlan;
  readonly again: Origin | null;
}

/** What goes over from another session, and on top of it what the login was given. */
export function loginBody(engine: Engine, from: LoginOrigin, resumed: Resumed, base: Origin | null): Body {
  const body = carriedOver(engine, from, resumed, base);
  const { data } = resumed.plan;
  return data ? { ...body, data: { ...body.data, ...data } } : body;
}

/** The same user keeps everything; anybody else the keys that were named, and a visitor's messages. */
function carriedOver(engine: Engine, from: LoginOrigin, resumed: Resumed, base: Origin | null): Body {
  const { plan, again } = resumed;
  const defaults = engine.shape.defaults();
  const isSomebodyElses = base !== null && base.record.userId !== null && base.record.userId !== plan.userId;
  const body: Body = base?.body ?? { data: defaults, flashes: [] };
  const all = from.changes.applyTo(isSomebodyElses ? { ...body, flashes: [] } : body);
  if (base?.record.userId === plan.userId) return all;
  const kept = Object.entries(all.data).filter(([key]) => plan.keep.includes(key));
  if (again) return onto(again.body, kept, { defaults, flashes: all.flashes });
  const data = { ...defaults, ...Object.fromEntries(kept) };
  // What a newer version shaped keeps its stamp, lest that version takes it for old and migrates it again.
  return kept.length > 0 ? { ...all, data } : { data, flashes: all.flashes };
}

/** What a visitor put there since goes on top of what the user had; what nobody touched does not. */
function onto(
  { data, flashes, ...stamp }: Body,
  kept: readonly (readonly [string, unknown])[],
  visitor: { readonly defaults: Body["data"]; readonly flashes: Body["flashes"] },
): Body {
  const touched = kept.filter(([key, value]) => !isDeepStrictEqual(value, ownValue(visitor.defaults, key)));
  return {
    ...stamp,
    data: { ...data, ...Object.fromEntries(touched) },
    flashes: [...flashes, ...visitor.flashes],
  };
}

function isTakenOver({ keep, data }: LoginPlan, key: string): boolean {
  return keep.includes(key) || (data !== undefined && Object.hasOwn(data, key));
}

/** The keys of a visitor's session that a login leaves behind: told to the developer. */
export function droppedKeys(
  engine: Engine,
  { old, changes }: LoginOrigin,
  plan: LoginPlan,
): readonly string[] {
  if (old && old.record.userId === plan.userId) return [];
  const defaults = engine.shape.defaults();
  const before = old?.body ?? { data: defaults, flashes: [] };
  return Object.entries(changes.applyTo(before).data)
    .filter(([key, value]) => !isTakenOver(plan, key) && !isDeepStrictEqual(value, ownValue(defaults, key)))
    .map(([key]) => key);
}
