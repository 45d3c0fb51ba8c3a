/**
 * Renewal: a new secret and CSRF secret for the same session, and every other holder of the old one out. In two saves:
 * prepare, so that the new secret is good under every outcome of an outage, then promote (PROTOCOL rule 6).
 */
import { SessionEndedError, StoreUnavailableError } from "../errors.ts";
import { sameBytes } from "./bytes.ts";
import { holdsPending, reasonOfEnd, sameEra, startingPoint } from "./commit.ts";
import type { Engine } from "./engine.ts";
import { idleFromNow, reviseRecord } from "./making.ts";
import { finishRenewal, prepareRenewal, promote, renewalUnderWay } from "./rotation.ts";
import { type Hold, type Loaded, unpack } from "./state.ts";
import { hashSecret, nextGeneration, type Token } from "./token.ts";

export interface Renewed {
  readonly hold: Hold;
  /**
   * Set when the outcome of the second save is unknown: the new token is good either way, so it goes out with the
   * error (the one 503 that sets a cookie).
   */
  readonly doubt: StoreUnavailableError | null;
}

export async function renew(engine: Engine, hold: Hold): Promise<Renewed> {
  if (hold.admission === "overlap") throw new SessionEndedError("superseded");
  const turn = await engine.committers.enter(hold.record.id);
  try {
    const renewed = await prepareAndPromote(engine, hold, startingPoint(engine, hold, turn.latest));
    turn.latest = renewed.doubt ? null : renewed.hold.record;
    return renewed;
  } finally {
    engine.committers.leave(turn);
  }
}

async function prepareAndPromote(engine: Engine, hold: Hold, first: Loaded): Promise<Renewed> {
  const token: Token = { id: hold.token.id, secret: nextGeneration(hold.token.secret, engine.random) };
  const hash = hashSecret(token.secret);
  const csrf = engine.random(32);
  const patience = engine.patience(engine.settings.storeTimeoutMs);
  let displacedOffer: Uint8Array | null = null;
  let base = first;
  for (let tries = 0; ; tries++) {
    const { credentials } = base;
    if (!sameEra(credentials, hold) || renewalUnderWay(credentials, hash, engine.now())) {
      throw new SessionEndedError("superseded");
    }
    const prepared = credentials.pending !== null && sameBytes(credentials.pending.hash, hash);
    const now = engine.now();
    const settled = holdsPending(credentials, hold) ? promote(credentials, now) : credentials;
    if (!prepared) displacedOffer = settled.pending?.hash ?? displacedOffer;
    const next = reviseRecord(engine, base, {
      now,
      credentials: prepared
        ? finishRenewal(credentials, hash, csrf, displacedOffer, now)
        : prepareRenewal(settled, hash, now),
      idleUntil: idleFromNow(base.record, now),
    });
    const renewed: Hold = { ...hold, ...next, token, admission: "current", epoch: next.credentials.epoch };
    const outcome = await saveOrDoubt(engine, next, base, prepared);
    if (outcome instanceof StoreUnavailableError) {
      return { hold: { ...renewed, ...base, admission: "next", epoch: hold.epoch + 1 }, doubt: outcome };
    }
    if (outcome === "gone" || outcome === "gone in doubt") {
      throw new SessionEndedError(await reasonOfEnd(engine, hold));
    }
    if (outcome === "saved") {
      if (prepared) return { hold: renewed, doubt: null };
      base = next;
      continue;
    }
    engine.events.emit("conflict", { id: hold.record.id, during: "renewal" });
    const current = unpack(engine, outcome.conflict);
    if (!current) throw new SessionEndedError("unknown");
    base = current;
    if (tries > 0 && !(await patience.again())) {
      throw engine.store.unavailable("save", "busy");
    }
  }
}

async function saveOrDoubt(engine: Engine, next: Loaded, base: Loaded, prepared: boolean) {
  try {
    return await engine.store.save(next.record, base.record.version);
  } catch (error) {
    if (prepared && error instanceof StoreUnavailableError) return error;
    throw error;
  }
}
