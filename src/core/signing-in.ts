/**
 * A login in its browser: completed by what a first factor left, and seen against the accounts that are there. The new
 * session takes the place of the current one, or comes beside it.
 */
import { joinAccounts, namedKeys, stepAside } from "./account-turns.ts";
import { commit } from "./commit.ts";
import type { Engine } from "./engine.ts";
import { type LoginPlan, login } from "./login.ts";
import { droppedKeys, type LoginOrigin } from "./login-data.ts";
import { checkLeastLevel, planLogin } from "./login-plan.ts";
import type { RequestSession } from "./request-session.ts";
import { findPending } from "./second-factor.ts";
import { unitedMethods } from "./standing.ts";
import type { Hold, SessionState } from "./state.ts";
import type { LoginOptions } from "./types.ts";

/** What a login was asked for: checked, and as it was said. */
interface Asked {
  readonly plan: LoginPlan;
  readonly options: LoginOptions<Record<string, unknown>>;
}

export interface SignedIn extends Asked {
  readonly hold: Hold;
  readonly from: LoginOrigin;
  /** The account that was current goes on beside this one. */
  readonly isBeside: boolean;
  /** The other accounts of the browser, that one among them. */
  readonly others: readonly Hold[];
}

/** Throws what `login` throws, `AccountLimitError`, and `SessionEndedError` (409) where the current one cannot step aside. */
export async function signIn(
  request: RequestSession,
  given: Asked,
  batch: ReturnType<SessionState["takeBatch"]>,
): Promise<SignedIn> {
  const { engine, state, adopted } = request;
  const asked = await completed(request, given);
  checkLeastLevel(engine, asked.plan);
  const { stays, again, others } = await joinAccounts(request, asked.plan);
  const { options } = asked;
  const plan = asRemembered(request, asked, again);
  if (!stays) {
    const from = { old: state.hold ?? adopted, changes: batch.changes, again };
    return { plan, options, from, isBeside: false, others, hold: await login(engine, from, plan) };
  }
  await commit(engine, state, { ...batch, mayOffer: false }); // what was written so far is the old account's
  state.settleBatch();
  const aside = await stepAside(request);
  const from = { old: adopted, changes: namedKeys(request, plan.named ?? []), again };
  const hold = await login(engine, from, plan);
  return { plan, options, from, isBeside: true, others: aside ? [...others, aside] : others, hold };
}

/** Tells the developer what a login did not take over. */
export function noteLeftOut(engine: Engine, { from, plan, options }: SignedIn): void {
  const { mode, profile, remembers } = engine.settings;
  if (mode !== "development") return;
  if (options.remember && !remembers)
    engine.note(`The profile "${profile}" remembers nobody: login ends with the browser.`);
  const dropped = droppedKeys(engine, from, plan);
  if (dropped.length === 0) return;
  engine.note(
    `login left behind what the visitor had under: ${dropped.join(", ")}. Name keys in keepOnLogin to keep them.`,
  );
}

/**
 * A login that completes a pending one goes by what that began with, unless told otherwise, and was proven by both. How
 * much both are worth is said when the second one is in.
 */
async function completed(request: RequestSession, { plan, options }: Asked): Promise<Asked> {
  const pending = await findPending(request);
  if (pending?.userId !== plan.userId) return { plan, options };
  const { level: _, methods: first = [], ...begun } = pending.options;
  const methods = unitedMethods(first, plan.methods);
  const data = begun.data && { ...begun.data, ...options.data };
  const united = { ...begun, ...options, methods, ...(data && { data }) };
  const { since: __, ...whole } = planLogin(request, plan.userId, united);
  return { plan: { ...whole, since: { revocation: pending.revocation } }, options: united };
}

/** Who was remembered in this browser stays so, if nothing else is said. */
function asRemembered(request: RequestSession, { plan, options }: Asked, again: Hold | null): LoginPlan {
  if (!again?.record.persistent || options.remember !== undefined) return plan;
  return { ...planLogin(request, plan.userId, { ...options, remember: true }), since: plan.since };
}
