/**
 * Login: a fresh record with a new id and secret, and the old one ended before success is told (PROTOCOL rule 7).
 * The new record is created first, so that a fault or a crash never costs the visitor the old one (flaw F7).
 */
import { SessionEndedError, SessionLimitError, StoreUnavailableError } from "../errors.ts";
import type { CreateOptions, CreateResult } from "../stores/contract.ts";
import type { Arrival } from "./arrival.ts";
import type { Data } from "./change-set.ts";
import type { Engine, LifetimeMs } from "./engine.ts";
import { type LoginOrigin, loginBody, type Origin, type Resumed } from "./login-data.ts";
import { makeSession, type NewSession, reviseRecord } from "./making.ts";
import type { Instant, SessionId, SessionRecord } from "./record.ts";
import { type Level, statedLevel } from "./standing.ts";
import { type Hold, type Loaded, unpack } from "./state.ts";
import type { Cause } from "./store-watch.ts";

export interface LoginPlan {
  readonly userId: string;
  readonly label: string | null;
  readonly methods: readonly string[];
  readonly level: Exclude<Level, 0>;
  /** From where, as far as that is kept. */
  readonly arrival: Arrival | null;
  readonly persistent: boolean;
  /** The token goes to a client that keeps it itself. */
  readonly isHeld: boolean;
  readonly lifetime: LifetimeMs;
  /** Keys that go over from another person's or a visitor's session. */
  readonly keep: readonly string[];
  /** Those of them that this very login named. */
  readonly named?: readonly string[];
  /** What it puts there itself. */
  readonly data?: Data;
  /** Beside the current account, not in its place. */
  readonly adds?: boolean;
  /** Who signs in, by which request: for those who watch sessions end. */
  readonly cause: Cause;
  readonly since: { readonly startedAt: Instant } | { readonly revocation: string };
  /** Of a session that goes on in this one: nobody proved anything anew. */
  readonly resumed?: Pick<NewSession, "body" | "authenticatedAt">;
}

/** A login or ticket older than this is refused: the store remembers revocations for 15 minutes. */
export const LOGIN_WINDOW_MS: number = 10 * 60_000;

/** Under the policy `refuse`, a login whose answer got lost must not lock its user out for long (PROTOCOL P10). */
const UNCONFIRMED_MS = 5 * 60_000;
const COPIES_BEFORE_FORCE = 5;

/** The hold on the new session. Throws `SessionEndedError`, `SessionLimitError` or `StoreUnavailableError`. */
export async function login(engine: Engine, from: LoginOrigin, plan: LoginPlan): Promise<Hold> {
  const { made: created, again } = await createFor(engine, from, plan);
  if (!from.old || from.old.record.userId === plan.userId) return created;
  return endOld(engine, from, { plan, again }, from.old, created);
}

async function createFor(
  engine: Engine,
  from: LoginOrigin,
  plan: LoginPlan,
): Promise<{ readonly made: Hold; readonly again: Origin | null }> {
  let base: Origin | null = from.old;
  let again: Origin | null = from.again ?? null;
  let id: SessionId | null = null;
  const patience = engine.patience(engine.settings.storeTimeoutMs);
  for (;;) {
    id ??= await engine.store.newId(engine.nonces, plan.userId);
    const made: Hold = makeSession(engine, { ...newUserSession(engine, from, { plan, again }, base), id });
    const sameUser = again?.record ?? (base?.record.userId === plan.userId ? base.record : null);
    const options: Omit<CreateOptions, "now" | "signal" | "onEnded"> = {
      since: plan.since,
      ...(sameUser && { replaces: { id: sameUser.id, version: sameUser.version } }),
      ...(engine.settings.limit && { limit: engine.settings.limit }),
    };
    const result = await engine.store.create(made.record, options, plan.cause);
    if (result.ok) return { made, again };
    // Under the same id again, so that a try that arrives late finds it taken and leaves no session nobody holds.
    id = result.reason === "conflict" ? made.record.id : null;
    if (result.reason === "conflict") {
      engine.events.emit("conflict", { id: result.current.id, during: "login" });
      const current = unpack(engine, result.current) ?? unread(engine, result.current);
      if (again) again = current;
      else base = current;
    } else if (result.reason !== "collision") throw refusal(engine, result, plan);
    if (!(await patience.again())) throw engine.store.unavailable("create", "busy");
  }
}

/** What cannot be read is not carried over, but the login goes on and ends it. */
function unread(engine: Engine, record: SessionRecord): Origin {
  return { record, body: { data: engine.shape.defaults(), flashes: [] } };
}

function refusal(engine: Engine, result: Extract<CreateResult, { ok: false }>, plan: LoginPlan): Error {
  const { limit } = engine.settings;
  if (result.reason === "full" && limit) {
    engine.events.emit("limitReached", { userId: plan.userId, ...limit }, plan.cause.view);
    return new SessionLimitError(limit.max);
  }
  return new SessionEndedError(
    "revoked",
    "This user's sessions were revoked after this login began, so it was refused. In a password reset call login() " +
      "first and then revokeAll(user, { except: session.id }), or take the ticket from beginLogin() after revokeAll().",
  );
}

function newUserSession(engine: Engine, from: LoginOrigin, resumed: Resumed, base: Origin | null) {
  const { plan } = resumed;
  const refuses = engine.settings.limit?.over === "refuse";
  return {
    userId: plan.userId,
    label: plan.label,
    about: { ...plan.arrival, methods: plan.methods, level: statedLevel(plan.level) },
    persistent: plan.persistent,
    isHeld: plan.isHeld,
    lifetime: plan.lifetime,
    ...(refuses && { firstIdleMs: UNCONFIRMED_MS }),
    body: loginBody(engine, from, resumed, base),
    ...plan.resumed,
  };
}

/**
 * Ends the session the login came from. What a parallel request wrote into it meanwhile is copied over first (flaw F5);
 * after a few rounds it is ended regardless, so that nobody can hold a login up.
 */
async function endOld(
  engine: Engine,
  from: LoginOrigin,
  resumed: Resumed,
  old: Loaded,
  created: Hold,
): Promise<Hold> {
  const { plan } = resumed;
  let current = created;
  let version: string | undefined = old.record.version;
  for (let round = 1; ; round++) {
    const result = await deleteOld(engine, old, version, created, plan.cause);
    if (typeof result === "string") return current;
    engine.events.emit("conflict", { id: old.record.id, during: "login" });
    const base = unpack(engine, result.conflict);
    if (!base) {
      version = undefined;
      continue;
    }
    const next = await orUndo(engine, created, plan.cause, () =>
      reviseRecord(engine, current, { now: engine.now(), body: loginBody(engine, from, resumed, base) }),
    );
    const saved = await engine.store.save(next.record, current.record.version);
    if (saved === "gone" || saved === "gone in doubt") throw new SessionEndedError("revoked");
    if (saved === "saved") current = { ...current, ...next };
    version = round < COPIES_BEFORE_FORCE ? base.record.version : undefined;
  }
}

async function deleteOld(
  engine: Engine,
  old: Loaded,
  version: string | undefined,
  created: Hold,
  cause: Cause,
): Promise<"done" | { conflict: Loaded["record"] }> {
  return orUndo(engine, created, cause, async () => {
    try {
      const result = await engine.store.delete(old.record.id, "replaced", version, cause);
      return typeof result === "string" ? "done" : result;
    } catch (error) {
      // Visitor data only, and it idles out.
      if (error instanceof StoreUnavailableError && old.record.userId === null) return "done";
      throw error;
    }
  });
}

/** What fails while the old session is still there refuses the login, and leaves no session that nobody holds. */
async function orUndo<T>(engine: Engine, created: Hold, cause: Cause, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    await engine.store.delete(created.record.id, "replaced", undefined, cause);
    throw error;
  }
}
