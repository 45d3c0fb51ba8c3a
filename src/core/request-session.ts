/**
 * The session of one request while it runs: what was presented, what is held, what goes out with the answer. The
 * handle (session.ts) and the adapter's exchange (exchange.ts) are two views of it.
 */

import { isDeepStrictEqual } from "node:util";
import {
  HeadersSentError,
  InsecureTransportError,
  NoSessionError,
  SessionEndedError,
  type SojournError,
  StoreUnavailableError,
} from "../errors.ts";
import type { Delivery, Presented, Slot } from "../transports/contract.ts";
import { fromBase64url, toBase64url } from "./bytes.ts";
import { type Body, ChangeSet } from "./change-set.ts";
import { type Committed, commit } from "./commit.ts";
import type { Engine } from "./engine.ts";
import { summaryOf } from "./events.ts";
import { droppedKeys, LOGIN_WINDOW_MS, type LoginPlan, login } from "./login.ts";
import { makeSession } from "./making.ts";
import { type Opened, openSession } from "./opening.ts";
import type { Instant, SessionId } from "./record.ts";
import { renew } from "./renewal.ts";
import type { Connection, RequestView } from "./request.ts";
import { type Absence, freshState, type Hold, heldState, type SessionState } from "./state.ts";
import { formatToken, newSessionId } from "./token.ts";

const CSRF_SECRET = /^[A-Za-z0-9_-]{43}$/;

export class RequestSession {
  readonly engine: Engine;
  readonly view: RequestView;
  readonly connection: Connection;
  readonly openedAt: Instant;
  state: SessionState;
  /** Why there is no session, until one is made. */
  absence: Absence = "none";
  isOpen = false;
  /** Set once the headers are leaving. */
  isSealed = false;
  /** The handler looked at the session in any way: the answer depends on the cookie. */
  wasRead = false;
  /** The handler used the session, rather than peeked at it: the idle deadline moves. */
  wasUsed = false;
  wasPeeked = false;
  /** A refusal that is enforced only if this request signs in or creates a record. */
  refusal: SojournError | null = null;
  #presented: Presented | null = null;
  #loadFailure: SojournError | null = null;
  #opening: Promise<void> | null = null;
  #view: { readonly state: SessionState; readonly body: Body } | null = null;
  #csrfSecret: Uint8Array | null = null;
  /** Signing in or out: goes out with whatever answer follows. */
  readonly #owed = new Map<Delivery["what"], Delivery>();
  /** Goes out with the handler's own answer. */
  readonly #offered = new Map<Delivery["what"], Delivery>();
  #turn: Promise<unknown> = Promise.resolve();
  #busy = 0;

  constructor(engine: Engine, view: RequestView) {
    this.engine = engine;
    this.view = view;
    this.connection = engine.connect(view);
    this.openedAt = engine.now();
    this.state = freshState(engine);
  }

  /** What came with the request. On plain http that is nothing, whatever was sent (SECURITY X1). */
  get presented(): Presented {
    this.#presented ??=
      this.connection.door === "closed"
        ? { user: [], visitor: [], csrf: null, ambient: false }
        : this.engine.transport.read(this.view, this.connection);
    return this.#presented;
  }

  /** Loads what was presented, once. A store that fails is remembered and thrown at the session's first use. */
  open(): Promise<void> {
    this.#opening ??= this.#open();
    return this.#opening;
  }

  async #open(): Promise<void> {
    const { user, visitor } = this.presented;
    const isPreflight = this.view.method === "OPTIONS"; // carries no authority and must leave none (PROTOCOL P8)
    if (!isPreflight && (user.length > 0 || visitor.length > 0)) {
      try {
        const opened: Opened = await openSession(this.engine, this.presented);
        if (opened.hold) this.state = heldState(this.engine, opened.hold);
        else this.absence = opened.why;
      } catch (error) {
        if (!(error instanceof StoreUnavailableError)) throw error;
        this.#loadFailure = error;
      }
    }
    this.isOpen = true;
  }

  get loadFailure(): SojournError | null {
    return this.#loadFailure;
  }

  /** Throws why the session cannot be used at all. */
  checkUsable(): void {
    if (this.#loadFailure) throw this.#loadFailure;
    if (!this.isOpen) {
      throw new NoSessionError(
        "The session of this request is not open yet: the adapter is mounted with lazy: true, so call " +
          "await sessions.open(request) first.",
      );
    }
  }

  /** The body as this request sees it: what is stored, and what it wrote. */
  get body(): Body {
    if (this.#view?.state === this.state) return this.#view.body;
    return this.#remember(this.state.changes.applyTo(this.#stored));
  }

  get #stored(): Body {
    return this.state.hold?.body ?? { data: this.engine.shape.defaults(), flashes: [] };
  }

  #remember(body: Body): Body {
    this.#view = { state: this.state, body };
    return body;
  }

  /** Records a write; refused once the headers left, and where no cookie can be set. */
  write(operation: string, record: (changes: ChangeSet, seen: Body) => Body): void {
    this.checkWritable(operation);
    this.#remember(record(this.state.changes, this.body));
  }

  checkWritable(operation: string): void {
    this.checkUsable();
    if (this.isSealed) throw new HeadersSentError(operation);
    if (this.connection.door === "closed") throw new InsecureTransportError(this.connection.seen);
  }

  get id(): SessionId {
    if (this.state.hold) return this.state.hold.record.id;
    this.state.freshId ??= newSessionId(this.engine.random);
    return this.state.freshId;
  }

  // ---- verbs that act at once, one after the other ------------------------------------------------------------

  async login(plan: LoginPlan): Promise<void> {
    await this.#exclusive("login", async () => {
      this.#enforceRefusal();
      if ("startedAt" in plan.since && this.engine.now() - plan.since.startedAt > LOGIN_WINDOW_MS) {
        throw new SessionEndedError(
          "revoked",
          "login() came more than 10 minutes after its request began, so a revocation in between could be missed. " +
            "Take a ticket from beginLogin() just before the password check.",
        );
      }
      const dropped =
        this.engine.settings.mode === "development" ? droppedKeys(this.engine, this.state, plan) : [];
      const hold = await login(this.engine, this.state, plan);
      this.state = heldState(this.engine, hold);
      this.#csrfSecret = null;
      this.#offered.clear();
      this.#owe("user", hold);
      if (this.presented.visitor.length > 0)
        this.#owed.set("visitor", { what: "visitor", value: null, maxAge: 0 });
      if (this.presented.csrf !== null) this.#owed.set("csrf", { what: "csrf", value: null, maxAge: 0 });
      this.engine.events.emit("created", summaryOf(hold.record));
      if (dropped.length > 0) {
        this.engine.note(
          `login left behind what the visitor had under: ${dropped.join(", ")}. Name keys in keepOnLogin to keep them.`,
        );
      }
    });
  }

  async renew(): Promise<void> {
    await this.#exclusive("renew", async () => {
      const { hold } = this.state;
      if (!hold) return;
      const renewed = await renew(this.engine, hold);
      this.state.hold = renewed.hold;
      this.#offered.delete("user");
      this.#owe(slotOf(renewed.hold), renewed.hold);
      if (renewed.doubt) throw renewed.doubt;
    });
  }

  /** Ends the session in the store first. A fault leaves the cookie alone. */
  async logout(): Promise<void> {
    await this.#exclusive("logout", async () => {
      const { hold } = this.state;
      if (!hold) {
        this.state = freshState(this.engine);
        return;
      }
      await this.engine.store.delete(hold.record.id, "logged-out");
      const slot = slotOf(hold);
      this.state = freshState(this.engine);
      this.#csrfSecret = null;
      this.#offered.clear();
      this.#owed.delete("user");
      this.#owed.set(slot, { what: slot, value: null, maxAge: 0 });
      this.absence = "logged-out";
    });
  }

  /** Stores what was written; the cookie of a visitor's first save is owed like that of a login. */
  async save(): Promise<void> {
    await this.#exclusive("save", () => this.#commit(false));
  }

  /** Stores one removal of its own, ahead of everything else that was written. */
  async consume(key: string, seen: unknown): Promise<void> {
    await this.#exclusive("consume", async () => {
      const changes = new ChangeSet(() => this.engine.shape.defaults());
      changes.record({ kind: "take", key, seen }, this.body);
      await commit(this.engine, this.state, { changes, mayOffer: false });
      this.#view = null;
    });
  }

  async #exclusive(operation: string, act: () => Promise<void>): Promise<void> {
    this.checkWritable(operation);
    this.#busy += 1;
    const turn = this.#turn.then(act);
    this.#turn = turn.catch(() => {});
    try {
      await turn;
    } finally {
      this.#busy -= 1;
    }
  }

  /** Verbs that were started and not awaited: the answer waits for them. */
  get isBusy(): boolean {
    return this.#busy > 0;
  }

  async settled(): Promise<void> {
    while (this.#busy > 0) await this.#turn;
  }

  // ---- commit -------------------------------------------------------------------------------------------------

  /** The commit before the answer. */
  async finalCommit(mayOffer: boolean): Promise<void> {
    await this.#commit(mayOffer);
  }

  async #commit(mayOffer: boolean): Promise<void> {
    const { state } = this;
    if (!state.hold) {
      if (!state.changes.isEmpty) await this.#createVisitor();
      return;
    }
    const wish = { changes: state.changes, preview: this.body, mayOffer };
    const committed: Committed = await commit(this.engine, state, wish);
    if (state.hold) {
      this.state = heldState(this.engine, state.hold);
      if (committed.offered) {
        this.#offer("user", state.hold, { id: state.hold.record.id, secret: committed.offered });
      }
    }
  }

  /** A visitor's first write. Written data that comes to nothing costs no row. */
  async #createVisitor(): Promise<void> {
    const { engine, state } = this;
    const { body } = this;
    if (body.flashes.length === 0 && isDeepStrictEqual(body.data, engine.shape.defaults())) return;
    this.#enforceRefusal();
    const hold = makeSession(engine, {
      id: state.freshId,
      userId: null,
      label: null,
      persistent: true,
      lifetime: engine.settings.visitor,
      csrf: this.#csrfSecret ?? this.presentedCsrf,
      body,
    });
    const result = await engine.store.create(hold.record, { since: { startedAt: this.openedAt } });
    if (!result.ok) throw new StoreUnavailableError("create", "ambiguous", engine.store.store.name);
    this.state = heldState(engine, hold);
    this.#owe("visitor", hold);
    engine.events.emit("created", summaryOf(hold.record));
  }

  #enforceRefusal(): void {
    if (this.refusal) throw this.refusal;
  }

  // ---- CSRF secret --------------------------------------------------------------------------------------------

  /** The secret of the pre-login cookie, if a well-formed one came. */
  get presentedCsrf(): Uint8Array | null {
    const { csrf } = this.presented;
    return csrf !== null && CSRF_SECRET.test(csrf) ? fromBase64url(csrf) : null;
  }

  /** The secret tokens of this request are checked against; `null` when there is none yet. */
  get csrfSecret(): Uint8Array | null {
    return this.state.hold?.credentials.csrf ?? this.#csrfSecret ?? this.presentedCsrf;
  }

  /** A secret for rendering: for a visitor without a record it lives in a cookie of its own and stores nothing. */
  csrfSecretForRendering(): Uint8Array {
    const known = this.#owed.has("csrf")
      ? (this.state.hold?.credentials.csrf ?? this.#csrfSecret)
      : this.csrfSecret;
    if (known) return known;
    this.checkWritable("csrfToken");
    this.#csrfSecret = this.engine.random(32);
    this.#owed.delete("csrf");
    this.#offered.set("csrf", { what: "csrf", value: toBase64url(this.#csrfSecret), maxAge: null });
    return this.#csrfSecret;
  }

  // ---- deliveries ---------------------------------------------------------------------------------------------

  get owesCookie(): boolean {
    return this.#owed.size > 0;
  }

  get hasDeliveries(): boolean {
    return this.#owed.size > 0 || this.#offered.size > 0;
  }

  /** What goes out: with the handler's answer everything, with an answer in its place only what is owed. */
  cookieLines(which: "all" | "owed"): readonly string[] {
    const merged = which === "all" ? new Map([...this.#offered, ...this.#owed]) : this.#owed;
    return [...merged.values()].map((delivery) => this.engine.transport.write(delivery, this.connection)[1]);
  }

  #owe(slot: Slot, hold: Hold): void {
    this.#owed.set(slot, this.#delivery(slot, hold, hold.token));
  }

  #offer(slot: Slot, hold: Hold, token: Hold["token"]): void {
    this.#offered.set(slot, this.#delivery(slot, hold, token));
  }

  #delivery(slot: Slot, hold: Hold, token: Hold["token"]): Delivery {
    const { record } = hold;
    const remainder = Math.floor((record.absoluteUntil - this.engine.now()) / 1000);
    return {
      what: slot,
      value: formatToken(token),
      maxAge: record.persistent ? Math.max(remainder, 1) : null,
    };
  }
}

function slotOf(hold: Hold): Slot {
  return hold.record.userId === null ? "visitor" : "user";
}
