/**
 * A login that waits for its second factor: the first one was proven, and nobody is signed in yet. It is a one-time
 * record with a cookie of its own for ten minutes; only `pendingLogin` and the login that completes it look at it.
 */
import type { Engine } from "./engine.ts";
import { LOGIN_WINDOW_MS, type LoginPlan } from "./login.ts";
import { endOneTime, findOneTime, makeOneTime } from "./one-time.ts";
import { reservedOwner } from "./owners.ts";
import type { Instant, SessionId } from "./record.ts";
import type { RequestSession } from "./request-session.ts";
import { expiresAt } from "./state.ts";
import type { LoginOptions } from "./types.ts";

/** What `beginSecondFactor` was given, for the login that completes it. */
export type Carried = Omit<LoginOptions<Record<string, unknown>>, "ticket">;

export interface Pending {
  readonly id: SessionId;
  readonly userId: string;
  /** The user's revocation token of that time: a `revokeAll` since then ends this login too. */
  readonly revocation: string;
  readonly options: Carried;
  readonly startedAt: Instant;
  readonly expiresAt: Instant;
}

const PURPOSE = "pending";
/** A user's logins under way at once; the oldest gives way. Bounds what somebody with the password alone can pile up. */
const MAX_PER_USER = 5;

/** Throws `SessionEndedError` (`revoked`) or `StoreUnavailableError`. */
export async function beginSecondFactor(
  request: RequestSession,
  plan: LoginPlan,
  options: Carried,
): Promise<void> {
  const { engine } = request;
  const { userId, since } = plan;
  const revocation = "revocation" in since ? since.revocation : await engine.store.revocation(userId);
  const token = await makeOneTime(engine, {
    purpose: PURPOSE,
    owner: reservedOwner(userId),
    value: { userId, revocation, options, version: engine.shape.version },
    lifeMs: LOGIN_WINDOW_MS,
    since: { startedAt: request.openedAt },
    ...(engine.store.store.guarantees.userIndex && { limit: { max: MAX_PER_USER, over: "evict-oldest" } }),
  });
  await endPending(request);
  request.asides.add(PURPOSE, token, { max: 1, maxAge: LOGIN_WINDOW_MS / 1000 });
}

/** The login under way in this browser. No store call where no cookie of one came. */
export async function findPending({ engine, asides }: RequestSession): Promise<Pending | null> {
  const [token] = asides.get(PURPOSE);
  if (!token) return null;
  const found = await findOneTime(engine, token, PURPOSE);
  if (!found.ok || !isKept(found.value) || !fits(found.value, engine)) return null;
  const { record, value } = found;
  return { ...value, id: record.id, startedAt: record.createdAt, expiresAt: expiresAt(record) };
}

/** Completed, given up or overtaken by another. */
export async function endPending(request: RequestSession): Promise<void> {
  for (const { id } of request.asides.get(PURPOSE)) {
    await endOneTime(request.engine, id);
    request.asides.remove(PURPOSE, id, null);
  }
}

type Kept = Pick<Pending, "userId" | "revocation" | "options"> & {
  /** Of the application that shaped the data of its options. */
  readonly version?: number;
};

function isKept(value: unknown): value is Kept {
  return (
    typeof value === "object" &&
    value !== null &&
    "userId" in value &&
    typeof value.userId === "string" &&
    "revocation" in value &&
    typeof value.revocation === "string" &&
    "options" in value &&
    typeof value.options === "object" &&
    value.options !== null
  );
}

/** Data of another version is not this one's, and `migrate` is for all of a session's data, not for some: the login begins again. */
function fits({ options, version = 1 }: Kept, { shape }: Engine): boolean {
  return options.data === undefined || version === shape.version;
}
