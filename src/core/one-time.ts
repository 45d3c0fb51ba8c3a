/**
 * Records for one use: made by one request and redeemed once by another, within minutes. They lie in the same store as
 * sessions, under the same hashes, and never open as a session, since `about.purpose` says what they are for.
 */
import { type EndReason, SessionEndedError, StoreUnavailableError, UndecodableError } from "../errors.ts";
import type { CreateOptions, UserLimit } from "../stores/contract.ts";
import { readAbout } from "./about.ts";
import { judge, unpackCredentials } from "./credentials.ts";
import type { Engine } from "./engine.ts";
import { makeSession } from "./making.ts";
import type { SessionId, SessionRecord } from "./record.ts";
import { newVersion, type Token } from "./token.ts";

export interface OneTimeWish {
  readonly purpose: string;
  /** Under whom it stands (owners.ts), so that a revocation of theirs reaches it; `null`: nobody known yet. */
  readonly owner: string | null;
  /** Anything the codec carries. */
  readonly value: unknown;
  readonly lifeMs: number;
  readonly since: CreateOptions["since"];
  readonly limit?: UserLimit;
}

/** Why nothing was found. `used`: it was redeemed before. */
type OneTimeRefusal = "unknown" | "expired" | "used" | "revoked" | "undecodable";

export type OneTimeFound =
  | { readonly ok: true; readonly value: unknown; readonly record: SessionRecord }
  | { readonly ok: false; readonly refusal: OneTimeRefusal };

const EMPTY = { data: {}, flashes: [] };
/** What is left once the value was taken out. */
const SPENT = null;

/** Throws `SessionEndedError` (`revoked`) when the user was revoked since, and `StoreUnavailableError`. */
export async function makeOneTime(engine: Engine, wish: OneTimeWish): Promise<Token> {
  for (;;) {
    const id = await engine.store.newId(engine.nonces, wish.owner);
    const made = makeSession(engine, {
      id,
      userId: wish.owner,
      label: null,
      persistent: true,
      lifetime: { idleMs: wish.lifeMs, absoluteMs: wish.lifeMs },
      about: { purpose: wish.purpose },
      body: EMPTY,
      payload: engine.shape.encodeValue(id, [wish.value]),
    });
    const result = await engine.store.create(made.record, {
      since: wish.since,
      ...(wish.limit && { limit: wish.limit }),
    });
    if (result.ok) return made.token;
    if (result.reason !== "collision") throw new SessionEndedError("revoked");
  }
}

/** A look that leaves it to be redeemed. */
export async function findOneTime(engine: Engine, token: Token, purpose: string): Promise<OneTimeFound> {
  const found = await load(engine, token.id);
  if (found === null) return refused("unknown");
  if ("ended" in found) return refused(whyEnded(found.ended));
  if (readAbout(found.about).purpose !== purpose) return refused("unknown");
  const value = valueIn(engine, found, token);
  if (value === undefined) return refused("unknown");
  if (value === "undecodable") return refused("undecodable");
  return value === SPENT ? refused("used") : { ok: true, value: value[0], record: found };
}

/**
 * The value, for the one caller that gets it. The value is taken out by the same save that decides who that is: a lost
 * answer of the store is recognised by its version, so nobody is told "used" in vain.
 */
export async function redeemOneTime(engine: Engine, token: Token, purpose: string): Promise<OneTimeFound> {
  const found = await findOneTime(engine, token, purpose);
  if (!found.ok) return found;
  const { record } = found;
  const spent: SessionRecord = {
    ...record,
    version: newVersion(engine.nonces),
    payload: engine.shape.encodeValue(record.id, SPENT),
  };
  const saved = await engine.store.save(spent, record.version);
  return saved === "saved" ? found : refused("used");
}

/** Ends it unused; one that is gone already is no matter. */
export async function endOneTime(engine: Engine, id: SessionId): Promise<void> {
  await engine.store.delete(id, "replaced");
}

function refused(refusal: OneTimeRefusal): OneTimeFound {
  return { ok: false, refusal };
}

function whyEnded(reason: EndReason): OneTimeRefusal {
  if (reason === "idle" || reason === "absolute") return "expired";
  return reason === "replaced" ? "used" : "revoked";
}

async function load(engine: Engine, id: SessionId) {
  try {
    return await engine.store.load(id);
  } catch (error) {
    if (error instanceof StoreUnavailableError && error.kind === "damaged") return null;
    throw error;
  }
}

type Stored = readonly [value: unknown] | typeof SPENT;

/** `undefined` for somebody who knows the id and not the secret. */
function valueIn(engine: Engine, record: SessionRecord, token: Token): Stored | "undecodable" | undefined {
  try {
    const credentials = unpackCredentials(record.credentials);
    const verdict = judge(credentials, token.secret, engine.now(), engine.settings.skewMs);
    if (verdict !== "current") return undefined;
    const value = engine.shape.decodeValue(record.id, record.payload);
    return value === SPENT || isEnvelope(value) ? value : "undecodable";
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    engine.events.emit("undecodable", { id: record.id, reason: error.reason });
    return "undecodable";
  }
}

function isEnvelope(value: unknown): value is readonly [unknown] {
  return Array.isArray(value) && value.length === 1;
}
