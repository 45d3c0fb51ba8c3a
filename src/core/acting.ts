/**
 * Acting on behalf of somebody: a session of that person in the hands of another, beside the actor's own and only as
 * long as that lives. It stands under an owner of its own in the store, so that it is not counted among the person's
 * sessions and ends with them (decision 027).
 */
import { InvalidArgumentError, NotSignedInError, SessionEndedError, UndecodableError } from "../errors.ts";
import { readAbout } from "./about.ts";
import type { Arrival } from "./arrival.ts";
import { sameEra } from "./commit.ts";
import { unpackCredentials } from "./credentials.ts";
import { durationArgument } from "./duration.ts";
import type { Engine } from "./engine.ts";
import { checkLabel } from "./login-plan.ts";
import { makeSession } from "./making.ts";
import { makeOneTime } from "./one-time.ts";
import { actedOwner, actorOwner } from "./owners.ts";
import { isLive, type SessionHeader, type SessionId, type SessionRecord } from "./record.ts";
import type { RequestSession } from "./request-session.ts";
import type { Hold } from "./state.ts";
import type { Cause } from "./store-watch.ts";
import type { Token } from "./token.ts";
import type { ActingOptions } from "./types.ts";
import { checkUserId } from "./user-id.ts";

export interface ActingPlan {
  readonly userId: string;
  readonly label: string | null;
  readonly lifeMs: number;
  readonly arrival: Arrival | null;
}

const DEFAULT_MS = 30 * 60_000;
/** Half a working day. An errand for somebody takes minutes; who needs longer says again for whom. */
const LONGEST_MS = 4 * 3_600_000;
const REVOKED =
  "The sessions of that user were revoked since this request began, so nobody acts for them by it.";
const KNOWN: ReadonlySet<string> = new Set(["for", "label"] satisfies (keyof ActingOptions)[]);

export function planActing(request: RequestSession, userId: string, options: ActingOptions): ActingPlan {
  const ownId = request.state.hold?.record.userId ?? null;
  if (ownId === null) throw new NotSignedInError();
  checkUserId(userId);
  request.engine.store.demand("actAs", "userIndex"); // or an erasure of the actor would not find it
  if (userId === ownId) throw new InvalidArgumentError("actAs(): that is the signed-in user.");
  if (typeof options !== "object" || options === null) {
    throw new InvalidArgumentError("actAs(): the second argument is an object of options.");
  }
  for (const key of Object.keys(options)) {
    if (!KNOWN.has(key)) throw new InvalidArgumentError(`actAs(): there is no option "${key}".`);
  }
  const lifeMs = durationArgument("actAs(): for", options.for, DEFAULT_MS);
  if (lifeMs > LONGEST_MS) throw new InvalidArgumentError("actAs(): for is at most 4 hours.");
  return {
    userId,
    label: checkLabel("actAs()", options.label ?? null),
    lifeMs,
    arrival: request.engine.arrivalOf?.(request.view) ?? null,
  };
}

/** Throws `SessionEndedError`, when either of the two was revoked meanwhile, or `StoreUnavailableError`. */
export async function beginActing(request: RequestSession, own: Hold, plan: ActingPlan): Promise<Hold> {
  const { engine } = request;
  const since = { startedAt: request.openedAt };
  await checkActor(engine, own);
  for (;;) {
    const id = await engine.store.newId(engine.nonces, actedOwner(plan.userId));
    const made = makeActing(engine, id, own, plan);
    const note = await noteActing(engine, made, since);
    const result = await engine.store.create(made.record, { since });
    if (result.ok) {
      await checkNoted(engine, note, made);
      return made;
    }
    if (result.reason !== "collision") throw new SessionEndedError("revoked", REVOKED);
  }
}

/**
 * The session that acts stands under the person acted for and names the actor. A note under the actor says where, so that
 * an erasure of the actor finds it (`endActingBy`).
 */
function noteActing(engine: Engine, { record }: Hold, since: { readonly startedAt: number }): Promise<Token> {
  const actor = readAbout(record.about).actor?.userId ?? "";
  return makeOneTime(engine, {
    purpose: `${NOTE}${record.id}`,
    owner: actorOwner(actor),
    value: null,
    lifeMs: record.absoluteUntil - record.createdAt,
    since,
  });
}

/** An erasure that came between found the note, and no session yet. */
async function checkNoted(engine: Engine, note: Token, { record }: Hold): Promise<void> {
  const found = await engine.store.load(note.id);
  if (found && !("ended" in found)) return;
  await engine.store.delete(record.id, "revoked");
  throw new SessionEndedError("revoked", REVOKED);
}

const NOTE = "acts-";

/** Ends the sessions in which a user acts for others. Answers how many there were. */
export async function endActingBy(engine: Engine, userId: string, cause: Cause): Promise<number> {
  let ended = 0;
  let after: string | null | undefined;
  while (after !== null) {
    const page = await engine.store.listByUser(actorOwner(userId), MOST_LISTED, after);
    for (const { about } of page.sessions) {
      const id = readAbout(about).purpose?.slice(NOTE.length) ?? "";
      if ((await engine.store.delete(id, "revoked", undefined, cause)) === "deleted") ended += 1;
    }
    after = page.after;
  }
  return ended;
}

function makeActing(engine: Engine, id: SessionId, own: Hold, plan: ActingPlan): Hold {
  const { userId, label, lifeMs, arrival } = plan;
  const { record } = own;
  const absoluteMs = Math.max(1, Math.min(lifeMs, record.absoluteUntil - engine.now()));
  return makeSession(engine, {
    id,
    userId: actedOwner(userId),
    label,
    about: { ...arrival, actor: { userId: record.userId ?? "", sessionId: record.id } },
    authenticatedAt: record.authenticatedAt,
    persistent: false,
    lifetime: { idleMs: Math.min(engine.settings.user.idleMs, absoluteMs), absoluteMs },
    body: { data: engine.shape.defaults(), flashes: [] },
  });
}

/** Whether the session of who acts is still there. Asked before anything is written in the name of another. */
export async function checkActor(engine: Engine, own: Hold): Promise<void> {
  const found = await engine.store.load(own.record.id);
  if (!found) throw new SessionEndedError("unknown");
  if ("ended" in found) throw new SessionEndedError(found.ended);
  if (!isOfEra(found, own)) throw new SessionEndedError("superseded");
}

function isOfEra(record: SessionRecord, own: Hold): boolean {
  try {
    return sameEra(unpackCredentials(record.credentials), own);
  } catch (error) {
    if (error instanceof UndecodableError) return false;
    throw error;
  }
}

/**
 * The sessions in which somebody acts for a user, newest first. One whose actor is gone can never be opened again: it is
 * ended by whoever meets it.
 */
export async function listActing(engine: Engine, userId: string): Promise<readonly SessionHeader[]> {
  const { sessions } = await engine.store.listByUser(actedOwner(userId), MOST_LISTED);
  const living = await Promise.all(sessions.map((header) => isActorThere(engine, header)));
  return sessions.filter((_, index) => living[index]);
}

const MOST_LISTED = 100;

async function isActorThere(engine: Engine, header: SessionHeader): Promise<boolean> {
  const { actor } = readAbout(header.about);
  const own = actor && (await engine.store.load(actor.sessionId));
  if (own && !("ended" in own) && own.userId === actor.userId && isLive(own, engine.now())) return true;
  await engine.store.delete(header.id, "revoked");
  return false;
}
