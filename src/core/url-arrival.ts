/**
 * `arrive()`: a token that came in an address is exchanged for a fresh cookie session, or refused with a reason. The
 * browser's own session wins over it, and what it does not fit in every respect counts for nothing (SECURITY T2, T3, T6).
 */
import { SessionEndedError, UndecodableError } from "../errors.ts";
import { readAbout } from "./about.ts";
import { fromBase64url } from "./bytes.ts";
import { type Carried, type CarriedUser, isCarried, PURPOSE } from "./carried.ts";
import type { Body, ChangeSet } from "./change-set.ts";
import type { UrlRefusal } from "./event-types.ts";
import { login } from "./login.ts";
import { makeSession } from "./making.ts";
import { redeemOneTime } from "./one-time.ts";
import { isOriginOf } from "./origins.ts";
import { isLive } from "./record.ts";
import type { RequestSession } from "./request-session.ts";
import { levelOf } from "./standing.ts";
import type { Hold } from "./state.ts";
import { newSessionId, parseToken } from "./token.ts";
import type { ReadAddress } from "./url-address.ts";

/** What arrives: nothing where the browser has that very session. */
export interface Arriving {
  readonly body: Body;
  readonly user: CarriedUser | null;
}

/** What the token of an address stands for, taken out for good; or why it counts for nothing here. */
export async function redeem(request: RequestSession, address: ReadAddress): Promise<Arriving | UrlRefusal> {
  const { engine, state, tracking, connection, view } = request;
  const [text = "", ...more] = address.tokens;
  const token = more.length === 0 ? parseToken(text) : null;
  if (!token) return "malformed";
  const found = await redeemOneTime(engine, token, PURPOSE);
  if (!found.ok) return found.refusal;
  const carried = found.value;
  const body = isCarried(carried) ? decoded(request, carried) : null;
  if (!isCarried(carried) || !body) return "undecodable";
  if (!isHere(carried.audience, connection.origins, view.host)) return "audience";
  if (carried.route !== address.route) return "route";
  if (tracking.isHeld) return "transport";
  if (state.hold) return state.hold.record.id === carried.from ? { body, user: null } : "other-session";
  const source = await engine.store.load(carried.from);
  if (!source || "ended" in source || !isLive(source, engine.now())) return "ended";
  if (carried.user && levelOf(source) < engine.settings.leastLevel) return "below-profile";
  return { body, user: carried.user };
}

function decoded({ engine, view }: RequestSession, { from, payload }: Carried): Body | null {
  try {
    return engine.shape.decode(from, fromBase64url(payload)).body;
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    engine.events.emit("undecodable", { id: from, reason: error.reason }, view);
    return null;
  }
}

/** The fresh session. Throws `SessionEndedError` (`revoked`), `SessionLimitError` or `StoreUnavailableError`. */
export async function settle(
  request: RequestSession,
  { user, body: carried }: Arriving,
  changes: ChangeSet,
): Promise<Hold> {
  const { engine, view } = request;
  const { settings } = engine;
  const body = changes.applyTo(carried);
  if (!user) return visitor(request, body);
  const about = readAbout(user.about);
  const absoluteMs = Math.min(settings.user.absoluteMs, user.absoluteUntil - engine.now());
  return login(
    engine,
    { old: null, changes },
    {
      userId: user.userId,
      label: user.label,
      methods: about.methods,
      level: about.level || 1,
      arrival: engine.arrivalOf?.(view) ?? null,
      persistent: false,
      isHeld: false,
      lifetime: { idleMs: Math.min(settings.user.idleMs, absoluteMs), absoluteMs },
      keep: [],
      cause: { by: user.userId, view },
      since: { revocation: user.revocation },
      resumed: { authenticatedAt: user.authenticatedAt, body },
    },
  );
}

async function visitor(request: RequestSession, body: Body): Promise<Hold> {
  const { engine } = request;
  const hold = makeSession(engine, {
    id: newSessionId(engine.nonces),
    userId: null,
    label: null,
    persistent: true,
    lifetime: engine.settings.visitor,
    csrf: request.csrf.beforeLogin,
    body,
  });
  const result = await engine.store.create(hold.record, { since: { startedAt: request.openedAt } });
  if (!result.ok) throw engine.store.unavailable("create", "ambiguous");
  return hold;
}

/** Of several own origins the one that was asked: the header narrows what the option allows, and never widens it. */
function isHere(audience: string, origins: readonly string[], host: string | undefined): boolean {
  return origins.includes(audience) && (origins.length === 1 || isOriginOf(audience, host));
}

/** A login that a revocation forestalled is a refusal like the others. */
export function refusalIn(error: unknown): UrlRefusal | null {
  return error instanceof SessionEndedError && error.reason === "revoked" ? "revoked" : null;
}
