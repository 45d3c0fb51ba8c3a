/**
 * How a request's session is written: what acts at once takes turns, what was written is stored as a batch, and what
 * fails is either to be stored again or in doubt. The verbs (verbs.ts) are built on this, and so is the commit that comes
 * before the answer.
 */
import { isDeepStrictEqual } from "node:util";
import { SessionEndedError, StoreUnavailableError } from "../errors.ts";
import { checkActor } from "./acting.ts";
import { blame } from "./blame.ts";
import type { Body, ChangeSet } from "./change-set.ts";
import { type Committed, commit, NOTHING } from "./commit.ts";
import { refuseUndecided } from "./csrf-gate.ts";
import { stopwatch, summaryOf } from "./events.ts";
import { makeSession } from "./making.ts";
import type { RequestSession } from "./request-session.ts";
import { actorOf } from "./standing.ts";
import type { Hold, SessionState } from "./state.ts";
import { newSessionId } from "./token.ts";
import { Turns } from "./turns.ts";

export class Writer {
  readonly #request: RequestSession;
  readonly #turns = new Turns();

  constructor(request: RequestSession) {
    this.#request = request;
  }

  get isBusy(): boolean {
    return this.#turns.isBusy;
  }

  settled(): Promise<void> {
    return this.#turns.settled();
  }

  /** Runs a verb in its turn. Throws why the session cannot be written. */
  async act<T>(operation: string, act: (request: RequestSession) => Promise<T>): Promise<T> {
    const request = this.#request;
    request.checkWritable(operation);
    if (request.awaitsBody) refuseUndecided(request);
    try {
      return await this.#turns.take(() => act(request));
    } catch (error) {
      throw error instanceof Error ? blame(error, request) : error;
    }
  }

  /** Stores what was written and lets a due rotation ride along. The last one runs before the answer leaves. */
  async commit(mayOffer: boolean): Promise<void> {
    const request = this.#request;
    const { engine, state } = request;
    const elapsed = stopwatch(engine.events, "committed");
    try {
      const { changes, preview } = state.takeBatch();
      if (request.own && state.hold && !changes.isEmpty) await this.checkActor();
      const { offered, replays } = state.hold
        ? await commit(engine, state, { changes, preview, mayOffer })
        : await this.#createVisitor(state, changes, preview);
      state.settleBatch();
      this.#handOut(state, offered);
      if (elapsed && replays !== null)
        request.emit("committed", { outcome: "stored", replays, durationMs: elapsed() });
    } catch (error) {
      giveBack(state, error);
      if (elapsed) request.emit("committed", { outcome: "failed", replays: 0, durationMs: elapsed() });
      throw error;
    }
  }

  /** While the user acts for another, their own session is in use too: its secret rotates, and nothing is written. */
  async tendOwn(mayOffer: boolean): Promise<void> {
    const { engine, own } = this.#request;
    if (!own?.hold) return;
    const { offered } = await commit(engine, own, { changes: own.changes, mayOffer });
    this.#handOut(own, offered);
  }

  #handOut({ hold }: SessionState, offered: Uint8Array | null): void {
    const { engine, deliveries } = this.#request;
    if (hold && offered) deliveries.offerToken(hold, { id: hold.record.id, secret: offered }, engine.now());
  }

  /** For what else makes something of a batch. */
  async batched<T>(act: () => Promise<T>): Promise<T> {
    const { state } = this.#request;
    try {
      return await act();
    } catch (error) {
      giveBack(state, error);
      throw error;
    }
  }

  /** Ends a session as its user asked for. */
  async end({ record }: Hold): Promise<void> {
    const { engine, view } = this.#request;
    const cause = { by: actorOf(record) ?? record.userId, view };
    await this.batched(() => engine.store.delete(record.id, "logged-out", undefined, cause));
  }

  /** What is written for somebody counts only while the session of who acts lives. */
  async checkActor(): Promise<void> {
    const { engine, own, state } = this.#request;
    if (!own?.hold) return;
    try {
      await checkActor(engine, own.hold);
    } catch (error) {
      if (error instanceof SessionEndedError) {
        state.hold = null;
        state.ended = error.reason;
      }
      throw error;
    }
  }

  /** A visitor's first write. One that comes to nothing costs no row. */
  async #createVisitor(state: SessionState, changes: ChangeSet, body: Body): Promise<Committed> {
    const request = this.#request;
    const { engine, absence } = request;
    if (changes.isEmpty) return NOTHING;
    if (body.flashes.length === 0 && isDeepStrictEqual(body.data, engine.shape.defaults())) return NOTHING;
    // The browser has a newer cookie by now: a session made here would never be seen again.
    if (absence === "replaced" || absence === "superseded") throw new SessionEndedError(absence);
    request.checkUnrefused();
    const hold = makeSession(engine, {
      id: state.freshId ?? newSessionId(engine.nonces),
      userId: null,
      label: null,
      persistent: true,
      isHeld: request.tracking.isHeld,
      lifetime: engine.settings.visitor,
      csrf: request.csrf.beforeLogin,
      body,
    });
    const result = await engine.store.create(hold.record, { since: { startedAt: request.openedAt } });
    if (!result.ok) throw engine.store.unavailable("create", "ambiguous");
    state.settleBatch(hold);
    request.deliveries.owe(hold, engine.now());
    request.emit("created", summaryOf(hold.record));
    return { offered: null, replays: 0 };
  }
}

/** What fails surely leaves the batch to be stored again; what fails without an answer leaves it in doubt. */
function giveBack(state: SessionState, error: unknown): void {
  if (error instanceof StoreUnavailableError && state.hold && error.operation === "save") state.doubt = error;
  state.returnBatch();
}
