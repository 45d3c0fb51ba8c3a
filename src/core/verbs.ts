/** What acts at once on the session of a request, one after the other: login, renew, logout, save, consume. */
import { isDeepStrictEqual } from "node:util";
import { SessionEndedError, StoreUnavailableError } from "../errors.ts";
import { ChangeSet } from "./change-set.ts";
import { commit } from "./commit.ts";
import { slotOf } from "./deliveries.ts";
import { summaryOf } from "./events.ts";
import { droppedKeys, LOGIN_WINDOW_MS, type LoginPlan, login } from "./login.ts";
import { makeSession } from "./making.ts";
import { renew } from "./renewal.ts";
import type { RequestSession } from "./request-session.ts";
import { freshState, heldState, type SessionState } from "./state.ts";
import { Turns } from "./turns.ts";

export class Verbs {
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

  async login(plan: LoginPlan): Promise<void> {
    await this.#act("login", async (request) => {
      const { engine, deliveries, presented } = request;
      request.checkUnrefused();
      checkWindow(plan, engine.now());
      const dropped = engine.settings.mode === "development" ? droppedKeys(engine, request.state, plan) : [];
      const hold = await login(engine, request.state, plan);
      request.state = heldState(engine, hold);
      if (presented.visitor.length > 0) deliveries.clear("visitor");
      request.csrf.forget();
      deliveries.owe(hold, engine.now());
      engine.events.emit("created", summaryOf(hold.record));
      if (dropped.length > 0) {
        engine.note(
          `login left behind what the visitor had under: ${dropped.join(", ")}. Name keys in keepOnLogin to keep them.`,
        );
      }
    });
  }

  async renew(): Promise<void> {
    await this.#act("renew", async ({ engine, state, deliveries }) => {
      if (!state.hold) return;
      const renewed = await renew(engine, state.hold);
      state.hold = renewed.hold;
      deliveries.owe(renewed.hold, engine.now());
      if (renewed.doubt) throw renewed.doubt;
    });
  }

  /** Ends the session in the store first. A fault leaves the cookie alone. */
  async logout(): Promise<void> {
    await this.#act("logout", async (request) => {
      const { hold } = request.state;
      if (hold) {
        await request.engine.store.delete(hold.record.id, "logged-out");
        request.csrf.forget();
        request.deliveries.clear(slotOf(hold));
        request.absence = "logged-out";
      }
      request.state = freshState(request.engine);
    });
  }

  /** Stores what was written; the cookie of a visitor's first save is owed like that of a login. */
  async save(): Promise<void> {
    await this.#act("save", () => this.commit(false));
  }

  /** Stores the removal of one value, ahead of everything else that was written. */
  async consume(key: string, seen: unknown): Promise<void> {
    await this.#act("consume", async (request) => {
      const changes = new ChangeSet(() => request.engine.shape.defaults());
      changes.record({ kind: "take", key, seen }, request.body);
      await commit(request.engine, request.state, { changes, mayOffer: false });
      request.forgetBody();
    });
  }

  async #act(operation: string, act: (request: RequestSession) => Promise<void>): Promise<void> {
    this.#request.checkWritable(operation);
    await this.#turns.take(() => act(this.#request));
  }

  /** Stores what was written and lets a due rotation ride along. The last one runs before the answer leaves. */
  async commit(mayOffer: boolean): Promise<void> {
    const request = this.#request;
    const { engine, state, deliveries } = request;
    if (!state.hold) {
      if (!state.changes.isEmpty) await this.#createVisitor(state);
      return;
    }
    const { offered } = await commit(engine, state, {
      changes: state.changes,
      preview: request.body,
      mayOffer,
    });
    if (!state.hold) return;
    request.state = heldState(engine, state.hold);
    if (offered)
      deliveries.offerToken(state.hold, { id: state.hold.record.id, secret: offered }, engine.now());
  }

  /** A visitor's first write. One that comes to nothing costs no row. */
  async #createVisitor(state: SessionState): Promise<void> {
    const request = this.#request;
    const { engine, body } = request;
    if (state.ended !== null) throw new SessionEndedError(state.ended);
    if (body.flashes.length === 0 && isDeepStrictEqual(body.data, engine.shape.defaults())) return;
    request.checkUnrefused();
    const hold = makeSession(engine, {
      id: state.freshId,
      userId: null,
      label: null,
      persistent: true,
      lifetime: engine.settings.visitor,
      csrf: request.csrf.beforeLogin,
      body,
    });
    const result = await engine.store.create(hold.record, { since: { startedAt: request.openedAt } });
    if (!result.ok) throw new StoreUnavailableError("create", "ambiguous", engine.store.store.name);
    request.state = heldState(engine, hold);
    request.deliveries.owe(hold, engine.now());
    engine.events.emit("created", summaryOf(hold.record));
  }
}

/** The store remembers a revocation for a quarter of an hour, so a login must not take longer. */
function checkWindow(plan: LoginPlan, now: number): void {
  if (!("startedAt" in plan.since) || now - plan.since.startedAt <= LOGIN_WINDOW_MS) return;
  throw new SessionEndedError(
    "revoked",
    "login() came more than 10 minutes after its request began, so a revocation in between could be missed. " +
      "Take a ticket from beginLogin() just before the password check.",
  );
}
