/**
 * Hand-offs: what a request leaves for the answer of an identity provider, which another site posts back to us. No
 * SameSite cookie of ours comes along with such a request, so a hand-off has a cookie of its own, good for one use.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { HandoffError, InvalidArgumentError } from "../errors.ts";
import { isOneTime } from "./about.ts";
import { makeOneTime, redeemOneTime } from "./one-time.ts";
import { reservedOwner } from "./owners.ts";
import { isLive } from "./record.ts";
import type { RequestSession } from "./request-session.ts";
import { unpack } from "./state.ts";
import { handOut } from "./values.ts";

const LIFE_MS = 10 * 60_000;
/** Sign-ins that one browser may have under way at once, in as many tabs. */
const MAX_AT_ONCE = 4;
const NAME = /^[a-z0-9]{1,32}$/;

/** What is stored: the caller's data, and the visitor's session to be found again. */
type Left = { readonly data: unknown; readonly visitor: string | null };

export function checkHandoff(name: string): void {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw new InvalidArgumentError("handoff(name): a name is 1 to 32 lower-case letters and digits.");
  }
}

/** The `state` to send along: it names the hand-off, and only this browser can redeem it. */
export async function handOff(request: RequestSession, name: string, data: unknown): Promise<string> {
  const { engine, state } = request;
  const { hold } = state;
  const user = (request.own ?? state).hold?.record.userId ?? null;
  const left: Left = {
    data,
    visitor: hold && hold.record.userId !== null ? null : request.id, // stored by now, or with this answer
  };
  const token = await makeOneTime(engine, {
    purpose: purposeOf(name),
    owner: user === null ? null : reservedOwner(user), // so that an erasure of theirs reaches it
    value: left,
    lifeMs: LIFE_MS,
    since: { startedAt: request.openedAt },
  });
  request.asides.add(purposeOf(name), token, { max: MAX_AT_ONCE, maxAge: LIFE_MS / 1000 });
  return token.id;
}

/** What was left under this state. Throws `HandoffError`. */
export async function receive(request: RequestSession, name: string, state: unknown): Promise<unknown> {
  const purpose = purposeOf(name);
  const token = request.asides.get(purpose).find(({ id }) => id === state);
  if (!token) throw new HandoffError("missing");
  const redeemed = await redeemOneTime(request.engine, token, purpose);
  request.asides.remove(purpose, token.id, LIFE_MS / 1000);
  if (!redeemed.ok) throw new HandoffError(redeemed.refusal);
  if (!isLeft(redeemed.value)) throw new HandoffError("undecodable");
  request.refusal = null; // this browser began here itself, so nobody else sent it (docs/tracking.md)
  await adopt(request, redeemed.value.visitor);
  return handOut(redeemed.value.data);
}

function purposeOf(name: string): `handoff-${string}` {
  return `handoff-${name}`;
}

function isLeft(value: unknown): value is Left {
  return typeof value === "object" && value !== null && "data" in value && "visitor" in value;
}

/** The visitor's own cookie stayed at home, so what a login may keep is looked for by its id. */
async function adopt(request: RequestSession, id: string | null): Promise<void> {
  if (id === null || request.state.hold !== null) return;
  const found = await request.engine.store.load(id);
  if (!found || "ended" in found || found.userId !== null || isOneTime(found)) return;
  if (isLive(found, request.engine.now())) request.adopted = unpack(request.engine, found);
}

/** Checks what was received against the caller's own schema. */
export function checked(schema: StandardSchemaV1 | undefined, value: unknown): unknown {
  if (!schema) return value;
  const result = schema["~standard"].validate(value);
  if (result instanceof Promise)
    throw new InvalidArgumentError("receive(): the schema must validate synchronously.");
  if (result.issues) throw new HandoffError("undecodable");
  return result.value;
}
