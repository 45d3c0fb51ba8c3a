/** What `login` was asked for, checked: user id, lifetimes that only go down, kept keys, ticket. */
import { InvalidArgumentError } from "../errors.ts";
import { checkAccounts } from "./accounts.ts";
import type { Data } from "./change-set.ts";
import { durationArgument } from "./duration.ts";
import type { Engine, LifetimeMs } from "./engine.ts";
import { isDataObject } from "./envelope.ts";
import type { LoginPlan } from "./login.ts";
import type { RequestSession } from "./request-session.ts";
import { checkLevel, checkMethods } from "./standing.ts";
import { redeemTicket } from "./tickets.ts";
import type { Lifetime, LoginOptions } from "./types.ts";
import { checkUserId } from "./user-id.ts";

const MAX_LABEL = 200;
const KNOWN: ReadonlySet<string> = new Set([
  "keep",
  "data",
  "remember",
  "label",
  "add",
  "ticket",
  "methods",
  "level",
  "idleTimeout",
  "absoluteTimeout",
] satisfies (keyof LoginOptions<object>)[]);

export function planLogin(
  request: RequestSession,
  userId: string,
  options: LoginOptions<Record<string, unknown>>,
): LoginPlan {
  const { settings } = request.engine;
  checkUserId(userId);
  if (typeof options !== "object" || options === null) {
    throw new InvalidArgumentError("login(): the second argument is an object of options.");
  }
  for (const key of Object.keys(options)) {
    if (!KNOWN.has(key)) throw new InvalidArgumentError(`login(): there is no option "${key}".`);
  }
  const { label = null, keep = [], methods = [], level = 1, add = false, ticket } = options;
  if (typeof add !== "boolean") throw new InvalidArgumentError("login(): add is true or false.");
  if (add) checkAccounts(request, "login(): add");
  const asked = options.remember ?? wasRemembered(request, userId);
  if (typeof asked !== "boolean") throw new InvalidArgumentError("login(): remember is true or false.");
  const remember = asked && settings.remembers;
  if (!Array.isArray(keep) || !keep.every((key) => typeof key === "string")) {
    throw new InvalidArgumentError('login(): keep is a list of keys, such as ["cart"].');
  }
  return {
    userId,
    label: checkLabel("login()", label),
    methods: checkMethods("login()", methods),
    level: checkLevel("login()", level),
    arrival: request.engine.arrivalOf?.(request.view) ?? null,
    persistent: remember,
    isHeld: request.tracking.isHeld,
    lifetime: shortened(remember ? settings.remember : settings.user, options),
    keep: [...settings.keepOnLogin, ...keep],
    named: keep,
    ...(options.data !== undefined && { data: checkData(request.engine, options.data) }),
    adds: add,
    cause: { by: userId, view: request.view },
    since: ticket
      ? { revocation: redeemTicket(ticket, userId, request.engine) }
      : { startedAt: request.openedAt },
  };
}

/** The options as they are now: what the caller changes in them after the call is too late. */
export function asGiven(
  options: LoginOptions<Record<string, unknown>>,
  { data }: LoginPlan,
): LoginOptions<Record<string, unknown>> {
  return { ...options, ...(data && { data }) };
}

/** A copy. A key without a value is one that was not given, as with all options. */
function checkData({ shape }: Engine, data: unknown): Data {
  if (!isDataObject(data)) {
    throw new InvalidArgumentError(
      'login(): data is an object of keys with values, such as { theme: "dark" }.',
    );
  }
  const copied: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(data)) {
    if (value !== undefined) copied[key] = shape.copy(key, value);
  }
  return copied;
}

/** Throws where the profile asks for more than this login claims. */
export function checkLeastLevel({ settings }: Engine, plan: LoginPlan): void {
  if (plan.level >= settings.leastLevel) return;
  throw new InvalidArgumentError(
    `login(): the profile "${settings.profile}" asks for level ${settings.leastLevel}, and this login claims ${plan.level}. ` +
      "After the first factor call beginSecondFactor(); after the second login(userId, { level, methods }).",
  );
}

export function checkLabel(call: string, label: unknown): string | null {
  if (label === null) return null;
  if (typeof label === "string" && label.length <= MAX_LABEL && label.isWellFormed()) return label;
  throw new InvalidArgumentError(`${call}: label is a text of at most ${MAX_LABEL} characters.`);
}

/** Who signs in again stays remembered. */
function wasRemembered(request: RequestSession, userId: string): boolean {
  const record = request.state.hold?.record;
  return record?.userId === userId && record.persistent;
}

/** One session may live shorter than configured, never longer. */
function shortened(configured: LifetimeMs, wanted: Lifetime): LifetimeMs {
  const idleMs = durationArgument("login(): idleTimeout", wanted.idleTimeout, configured.idleMs);
  const absoluteMs = durationArgument(
    "login(): absoluteTimeout",
    wanted.absoluteTimeout,
    configured.absoluteMs,
  );
  if (idleMs > configured.idleMs || absoluteMs > configured.absoluteMs) {
    throw new InvalidArgumentError("login(): a session may live shorter than configured, not longer.");
  }
  return { idleMs, absoluteMs };
}
