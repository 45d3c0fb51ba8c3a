/**
 * The one mechanism against every race: apply what the request wrote to what is stored, save it if nothing changed
 * meanwhile, otherwise apply it again to what did (PROTOCOL section 1, rules 1 to 5). Rotation rides on the same save.
 */
import { SessionEndedError, StoreUnavailableError } from "../errors.ts";
import { sameBytes } from "./bytes.ts";
import type { Body, ChangeSet } from "./change-set.ts";
import type { Credentials } from "./credentials.ts";
import type { Engine } from "./engine.ts";
import { summaryOf } from "./events.ts";
import { idleFromNow, type Revision, reviseRecord } from "./making.ts";
import type { Patience } from "./patience.ts";
import type { SessionRecord } from "./record.ts";
import { offer, promote, rotationDue } from "./rotation.ts";
import { type Hold, type Loaded, type SessionState, type Unread, unpack } from "./state.ts";
import { hashSecret } from "./token.ts";

export interface CommitWish {
  readonly changes: ChangeSet;
  /** The changes already applied to what the request loaded: spares applying them again where nothing came between. */
  readonly preview?: Body;
  /** Whether the answer can still carry the cookie of a rotation. */
  readonly mayOffer: boolean;
}

/** The secret to hand out with the answer, if a rotation is under way. */
export interface Committed {
  readonly offered: Uint8Array | null;
  /** How often the changes were applied again; `null` where nothing was stored. */
  readonly replays: number | null;
}

/** Nothing had to be stored. */
export const NOTHING: Committed = { offered: null, replays: null };

/** Whether a commit of this hold would have to wait for the store. */
export function commitNeeded(engine: Engine, hold: Unread, wish: CommitWish): boolean {
  return (
    !wish.changes.isEmpty || hold.admission === "next" || wantsOffer(engine, hold.credentials, hold, wish)
  );
}

/**
 * Stores what `wish` asks for and updates `state.hold`. A writing request fails with `SessionEndedError`,
 * `ValueTakenError` or `StoreUnavailableError`; one that only read goes on quietly whatever happens.
 */
export async function commit(engine: Engine, state: SessionState, wish: CommitWish): Promise<Committed> {
  const { hold } = state;
  if (!hold || !commitNeeded(engine, hold, wish)) return NOTHING;
  const turn = await engine.committers.enter(hold.record.id);
  try {
    const first = startingPoint(engine, hold, turn.latest, wish.changes);
    const committed = await saveOnto(engine, state, hold, wish, first);
    turn.latest = state.hold?.record ?? null;
    return committed;
  } catch (error) {
    // A rotation that could not be stored is tried again by the next request; the session itself is fine.
    if (wish.changes.isEmpty && error instanceof StoreUnavailableError) return NOTHING;
    throw error;
  } finally {
    engine.committers.leave(turn);
  }
}

/**
 * What the turn before stored, which spares a conflict. It can be older than what this request loaded, if the answer to
 * that turn was slow and another process wrote meanwhile. So it may not refuse: then the request starts from what it
 * loaded, and the store has the last word.
 */
export function startingPoint(
  engine: Engine,
  hold: Hold,
  latest: SessionRecord | null,
  changes?: ChangeSet,
): Loaded {
  if (!latest || latest.version === hold.record.version) return hold;
  const guess = unpack(engine, latest);
  if (!guess || !sameEra(guess.credentials, hold)) return hold;
  try {
    changes?.applyTo(guess.body);
    return guess;
  } catch {
    return hold;
  }
}

async function saveOnto(
  engine: Engine,
  state: SessionState,
  hold: Hold,
  wish: CommitWish,
  first: Loaded,
): Promise<Committed> {
  let patience: Patience | undefined;
  let base = first;
  for (let tries = 0; ; tries++) {
    if (!sameEra(base.credentials, hold)) return endQuietlyOrThrow(state, wish, "superseded");
    const plan = planRevision(engine, base, hold, wish);
    if (!plan.revision) return { ...NOTHING, offered: plan.offered };
    const next = reviseRecord(engine, base, plan.revision);
    const result = await engine.store.save(next.record, base.record.version);
    if (result === "saved") {
      const promoted = hold.admission === "next" && next.credentials.pending === null;
      if (promoted) tellPromoted(engine, base, next);
      state.settleBatch({
        ...hold,
        ...next,
        admission: promoted ? "current" : hold.admission,
        epoch: Math.max(hold.epoch, next.credentials.epoch),
      });
      return { offered: plan.offered, replays: tries };
    }
    if (result === "gone" || result === "gone in doubt") {
      const reason = await reasonOfEnd(engine, hold);
      // A login may have carried our write over: "repeat the request" would count it twice.
      if (result === "gone in doubt" && !wish.changes.isEmpty && mayLiveOn(reason)) {
        throw engine.store.unavailable("save", "ambiguous");
      }
      return endQuietlyOrThrow(state, wish, reason);
    }
    engine.events.emit("conflict", { id: hold.record.id, during: "commit" });
    const current = unpack(engine, result.conflict);
    if (!current) return endQuietlyOrThrow(state, wish, "unknown");
    base = current;
    patience ??= engine.patience(engine.settings.storeTimeoutMs);
    if (tries > 0 && !(await patience.again())) {
      throw engine.store.unavailable("save", "busy");
    }
  }
}

function tellPromoted(engine: Engine, before: Loaded, after: Loaded): void {
  const { pending } = before.credentials;
  if (pending) engine.events.emit(pending.salt ? "rotated" : "renewed", summaryOf(after.record));
}

interface Plan {
  /** `null`: nothing to save. */
  readonly revision: Revision | null;
  readonly offered: Uint8Array | null;
}

/** What to save on top of `base`: the changes, a promotion if the pending secret was shown, an offer if one is due. */
function planRevision(engine: Engine, base: Loaded, hold: Hold, wish: CommitWish): Plan {
  const now = engine.now();
  const revision: { -readonly [K in keyof Revision]: Revision[K] } = { now };
  let offered: Uint8Array | null = null;
  if (holdsPending(base.credentials, hold)) revision.credentials = promote(base.credentials, now);
  else if (wantsOffer(engine, base.credentials, hold, wish)) {
    const made = offer(base.credentials, base.record.id, hold.token.secret, () => engine.random(16));
    offered = made.secret;
    if (made.credentials) revision.credentials = made.credentials;
  }
  if (!wish.changes.isEmpty) {
    revision.body = (base === hold && wish.preview) || wish.changes.applyTo(base.body);
  }
  if (!revision.body && !revision.credentials) return { revision: null, offered };
  if (!hold.isUnconfirmed) revision.idleUntil = idleFromNow(base.record, now);
  return { revision, offered };
}

function wantsOffer(engine: Engine, credentials: Credentials, hold: Unread, wish: CommitWish): boolean {
  const { rotationMs } = engine.settings;
  return (
    rotationMs !== null &&
    wish.mayOffer &&
    hold.record.userId !== null &&
    rotationDue(credentials, engine.now(), rotationMs) &&
    sameBytes(credentials.current, hashSecret(hold.token.secret))
  );
}

/** Whether the secret this request came with is the one waiting to be promoted. */
export function holdsPending(credentials: Credentials, hold: Hold): boolean {
  return (
    hold.admission === "next" &&
    credentials.pending !== null &&
    sameBytes(credentials.pending.hash, hashSecret(hold.token.secret))
  );
}

/** Whether a request may still write: no renewal has come between. Rotation does not matter (flaw F3). */
export function sameEra(credentials: Credentials, hold: Hold): boolean {
  return (
    credentials.epoch === hold.epoch ||
    (credentials.epoch === hold.epoch - 1 && holdsPending(credentials, hold))
  );
}

function endQuietlyOrThrow(
  state: SessionState,
  wish: CommitWish,
  reason: SessionEndedError["reason"],
): Committed {
  state.hold = null;
  state.ended = reason;
  if (!wish.changes.isEmpty) throw new SessionEndedError(reason);
  return NOTHING;
}

/** Whether the data of a session that ended like this may be in another one now. */
function mayLiveOn(reason: SessionEndedError["reason"]): boolean {
  return reason === "replaced" || reason === "unknown";
}

/** Asked only on the way to an error. When even that cannot be read, the plain answer is: sign in again. */
export async function reasonOfEnd(engine: Engine, hold: Hold): Promise<SessionEndedError["reason"]> {
  try {
    const found = await engine.store.load(hold.record.id);
    return found && "ended" in found ? found.ended : "unknown";
  } catch {
    return "unknown";
  }
}
