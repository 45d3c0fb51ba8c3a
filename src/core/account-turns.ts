/** How the current account changes: a login beside it, a switch, a logout of another one. */
import { SessionEndedError } from "../errors.ts";
import { checkRoom, currentAccount, keepAccounts, otherAccounts } from "./accounts.ts";
import { ChangeSet, ownValue } from "./change-set.ts";
import type { LoginPlan } from "./login.ts";
import { openToken } from "./opening.ts";
import type { RequestSession } from "./request-session.ts";
import { watchForRisk } from "./risk.ts";
import type { Hold } from "./state.ts";
import { derivedSecret } from "./token.ts";

/** How a login finds the browser's accounts. */
export interface Joining {
  /** The current account is kept beside the new one, and not ended by it. */
  readonly stays: boolean;
  /** The account of this very user that waited in the list: it is taken up again. */
  readonly again: Hold | null;
  readonly others: readonly Hold[];
}

/** Throws `AccountLimitError` when there are too many. */
export async function joinAccounts(request: RequestSession, plan: LoginPlan): Promise<Joining> {
  const current = currentAccount(request);
  const isSame = current?.record.userId === plan.userId;
  const stays = plan.adds === true && current !== null && !isSame;
  const all = request.tracking.isHeld ? [] : await otherAccounts(request);
  const again = isSame ? null : (all.find(({ record }) => record.userId === plan.userId) ?? null);
  const others = all.filter((hold) => hold !== again);
  checkRoom(request, others.length + (stays ? 1 : 0));
  return { stays, again, others };
}

/** The keys that this login named, out of the data of the account that stays. */
export function namedKeys(request: RequestSession, keys: readonly string[]): ChangeSet {
  const { engine, state } = request;
  const changes = new ChangeSet(() => engine.shape.defaults());
  let body = { data: engine.shape.defaults(), flashes: [] } as typeof state.body;
  for (const key of keys) {
    const value = ownValue(state.body.data, key);
    if (value !== undefined) body = changes.record({ kind: "set", key, value }, body);
  }
  return changes;
}

/**
 * The current account as it can be opened again later. Looked up anew, since a rotation may have begun meanwhile: then
 * the browser may have been given the next secret, which is good whether or not it was shown yet. `null`: it has ended.
 * Throws `SessionEndedError` (409) when this request came with a secret that the browser has a newer one for.
 */
export async function stepAside(request: RequestSession): Promise<Hold | null> {
  const { engine, view } = request;
  const current = currentAccount(request);
  if (!current) return null;
  const opened = await openToken(engine, current.token, { slot: "user", isHeld: false, view });
  if (!opened.hold) {
    if (opened.why === "superseded") throw new SessionEndedError("superseded");
    return null;
  }
  const { hold } = opened;
  const { pending } = hold.credentials;
  const isRenewing = hold.admission === "current" && pending !== null && pending.salt === null;
  if (hold.admission === "overlap" || isRenewing) throw new SessionEndedError("superseded");
  if (hold.admission === "next" || !pending?.salt) return hold;
  const { id, secret } = hold.token;
  return { ...hold, token: { id, secret: derivedSecret(secret, id, pending.salt) } };
}

/** `false`: no such account in this browser. `commit` stores what was written so far: it is the old account's. */
export async function switchTo(
  request: RequestSession,
  id: string,
  commit: () => Promise<void>,
): Promise<boolean> {
  request.checkUnrefused();
  const current = currentAccount(request);
  if (current?.record.id === id) return true;
  const others = await otherAccounts(request);
  const next = others.find(({ record }) => record.id === id);
  if (!next) return false;
  await commit();
  const aside = await stepAside(request);
  if (!(await takeUp(request, next))) return false;
  request.csrf.forget();
  request.deliveries.owe(next, request.engine.now());
  keepAccounts(request, [...others.filter((hold) => hold !== next), ...(aside ? [aside] : [])]);
  return true;
}

/** The request goes on with another session, unless the application says that it looks stolen. */
async function takeUp(request: RequestSession, next: Hold): Promise<boolean> {
  const before = request.state;
  request.state = before.successor(next);
  try {
    await watchForRisk(request);
  } finally {
    if (!request.state.hold) request.state = before;
  }
  return request.state !== before;
}

/** Ends an account that is not the current one. One that is not there, or ended meanwhile, is no matter. */
export async function logoutOther(
  request: RequestSession,
  id: string,
  end: (hold: Hold) => Promise<void>,
): Promise<void> {
  request.checkUnrefused();
  const others = await otherAccounts(request);
  const ending = others.find(({ record }) => record.id === id);
  if (ending) await end(ending);
  keepAccounts(
    request,
    others.filter((hold) => hold !== ending),
  );
}
