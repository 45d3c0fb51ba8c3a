/**
 * The session of one request while it runs: what was presented, what is held, what was written, what goes out with the
 * answer. The handle (session.ts) and the adapter's exchange (exchange.ts) are two views of it.
 */
import {
  ActingError,
  ActingOverError,
  type CsrfDeniedError,
  HeadersSentError,
  InsecureTransportError,
  NoSessionError,
  type SojournError,
  StoreUnavailableError,
  UndeliverableTokenError,
} from "../errors.ts";
import type { Presented } from "../transports/contract.ts";
import { Asides } from "./asides.ts";
import { blame } from "./blame.ts";
import { RequestCargo } from "./cargo.ts";
import type { Body, ChangeSet } from "./change-set.ts";
import { CsrfSecret } from "./csrf-secret.ts";
import { Deliveries } from "./deliveries.ts";
import type { Engine } from "./engine.ts";
import type { EventName, SessionEvents } from "./event-types.ts";
import { stopwatch } from "./events.ts";
import { openActing, openSession, readFound, reject } from "./opening.ts";
import { kindOf, personOf } from "./owners.ts";
import type { Instant, SessionId } from "./record.ts";
import type { Connection, RequestView } from "./request.ts";
import { watchForRisk } from "./risk.ts";
import { type Absence, type Hold, type Loaded, SessionState, type Unread } from "./state.ts";
import { newSessionId } from "./token.ts";
import { Tracking } from "./tracking.ts";

export class RequestSession {
  readonly engine: Engine;
  readonly view: RequestView;
  readonly connection: Connection;
  /** Of clients that carry their sessions themselves; the engine's store is then one for this request. */
  readonly cargo: RequestCargo | null;
  readonly openedAt: Instant;
  readonly deliveries: Deliveries = new Deliveries();
  readonly csrf: CsrfSecret;
  /** What the framework calls the request; by it other managers' sessions of it are found. */
  key: object | null = null;
  state: SessionState;
  /** Why there is no session, until one is made. */
  absence: Absence = "none";
  /** What was presented has been looked up. */
  isLoaded = false;
  /** And the cross-site check has let the request in: the session may be used. */
  isOpen = false;
  /** The token that decides may stand in the body, which is not read yet: nothing is stored until it was looked at. */
  awaitsBody = false;
  /** Set once the headers are leaving. */
  isSealed = false;
  /** The handler looked at the session in any way: the answer depends on the cookie. */
  wasRead = false;
  /** The handler used the session, rather than peeked at it: the idle deadline moves. */
  wasUsed = false;
  wasPeeked = false;
  /** A token stands in the address, or in what the answer says: no cache and no Referer may keep it. */
  hidesAddress = false;
  /** A refusal that is enforced only if this request signs in or creates a record. */
  refusal: CsrfDeniedError | null = null;
  loadFailure: SojournError | null = null;
  /** The cross-site check's refusal of this very request: it stays refused, whoever caught the error. */
  denial: SojournError | null = null;
  /** A visitor's session that a hand-off found again: a login takes it along. */
  adopted: Loaded | null = null;
  /** While the user acts for another: their own session, beside the one in `state`. */
  own: SessionState | null = null;
  /** Why the request, which came to act for somebody, does not. */
  actingOver: Absence | null = null;
  #asides: Asides | null = null;
  #tracking: Tracking | null = null;
  /** The session of which the application said "ask" (core/risk.ts): no fresh login counts until the next one. */
  suspect: SessionId | null = null;
  #loading: Promise<void> | null = null;

  constructor(engine: Engine, view: RequestView) {
    this.cargo = engine.store.carries ? new RequestCargo(this) : null;
    this.engine = this.cargo ? { ...engine, store: engine.store.carrying(this.cargo) } : engine;
    this.view = view;
    this.connection = engine.connect(view);
    this.openedAt = engine.now();
    this.state = new SessionState(engine, null, this.openedAt);
    this.csrf = new CsrfSecret(this);
  }

  get tracking(): Tracking {
    this.#tracking ??= new Tracking(this.engine.transports, this.view, this.connection);
    return this.#tracking;
  }

  /** What came with the request, over the transport that counts. */
  get presented(): Presented {
    return this.tracking.presented;
  }

  emit<E extends EventName>(event: E, detail: SessionEvents[E]): void {
    this.engine.events.emit(event, detail, this.view);
  }

  /** Tokens beside that of the session: most requests never ask. */
  get asides(): Asides {
    this.#asides ??= new Asides(this);
    return this.#asides;
  }

  /** Looks up what was presented, once; synchronously when nothing was. */
  load(): void | Promise<void> {
    if (this.isLoaded) return;
    const { user, visitor, either } = this.presented;
    const isPreflight = this.view.method === "OPTIONS"; // carries no authority and must leave none (PROTOCOL P8)
    if (isPreflight || user.length + visitor.length + either.length === 0) {
      this.isLoaded = true;
      return;
    }
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /** A store that fails is remembered, and thrown at the session's first use. */
  async #load(): Promise<void> {
    const watch = stopwatch(this.engine.events, "loaded");
    try {
      const opened = await openSession(this.engine, this.tracking, this.view);
      if ("found" in opened) this.state.find(opened.found, () => this.#read(opened.found));
      else if (opened.hold) this.state.hold = opened.hold;
      else this.absence = opened.why;
      const ending = watchForRisk(this);
      if (ending) await ending;
      const own = this.state.found;
      if (own && kindOf(own.record.userId) === "user") {
        const texts = this.tracking.isHeld ? [] : this.tracking.find("acting");
        if (texts.length > 0) await this.#openActing(own, texts);
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      this.state.hold = null;
      this.loadFailure = blame(error, this);
    }
    this.isLoaded = true;
    if (watch) {
      const outcome = this.loadFailure ? "failed" : this.state.hold ? "found" : "absent";
      this.emit("loaded", { outcome, durationMs: watch() });
    }
  }

  /** Data that cannot be read is no session to anybody. */
  #read(found: Unread): Hold | null {
    const read = readFound(this.engine, found, this.view);
    if (read.hold) return read.hold;
    this.absence = read.why;
    reject(this.engine, this.view, found.token.id, read);
    return null;
  }

  async #openActing(own: Unread, texts: readonly string[]): Promise<void> {
    const [text = null, ...others]: readonly (string | null)[] = texts;
    const acting = await openActing(this.engine, own, others.length > 0 ? null : text, this.view);
    if (acting.hold) {
      this.own = this.state;
      this.state = new SessionState(this.engine, acting.hold);
    } else {
      this.actingOver = acting.why;
      // Where the secret was replaced the browser has a newer cookie by now, and a late request takes that one from nobody.
      if (!isSafe(this.view) && acting.why !== "superseded") this.deliveries.clear("acting");
    }
  }

  /**
   * Throws where a request that was meant for somebody else's account would do its work on the user's own. Looking is
   * harmless, and shows that it is over.
   */
  checkActing(): void {
    if (this.actingOver !== null && !isSafe(this.view)) throw blame(new ActingOverError(), this);
  }

  /** Throws `ActingError` for what is not for somebody who acts for another. */
  checkNotActing(operation: string): void {
    if (this.own) throw blame(new ActingError(operation), this);
  }

  /** Throws why the session cannot even be looked at. */
  checkReadable(): void {
    if (this.loadFailure) throw this.loadFailure;
    if (!this.isLoaded) throw new NoSessionError("The session of this request is not loaded yet.");
  }

  /** Throws why the session cannot be used. */
  checkUsable(): void {
    if (this.loadFailure) throw this.loadFailure;
    if (this.denial) throw this.denial;
    if (!this.isOpen) {
      throw new NoSessionError(
        "The session of this request is not open yet: the adapter is mounted with lazy: true, so call " +
          "await sessions.open(request) first.",
      );
    }
  }

  checkWritable(operation: string): void {
    this.checkUsable();
    if (this.view.method === "OPTIONS") {
      throw new NoSessionError("A preflight request (OPTIONS) has no session to write to.");
    }
    if (this.isSealed) {
      const { id = null, userId = null } = this.state.hold?.record ?? {};
      this.emit("headersSent", { id, userId: personOf(userId), operation });
      throw new HeadersSentError(operation);
    }
    if (this.connection.door === "closed") throw new InsecureTransportError(this.connection.seen);
  }

  /** For what ends with a new token in the client's hands. */
  checkDeliverable(operation: string): void {
    const { tracking, presented } = this;
    if (!tracking.mayDeliver)
      throw new UndeliverableTokenError(operation, presented.ambient ? "cookie" : "silent", tracking.ask);
  }

  /**
   * Enforces what was let pass while there was nothing to forge (docs/csrf.md). A client that keeps its token itself
   * asked for it by a header that no form can send, and no browser will present it for another page.
   */
  checkUnrefused(): void {
    if (!this.refusal || this.tracking.isHeld) return;
    this.emit("csrfDenied", { reason: this.refusal.reason });
    throw this.refusal;
  }

  /** Records a write; refused once the headers left, and where no token of a new session can go out. */
  write(operation: string, record: (changes: ChangeSet, seen: Body) => Body): void {
    this.checkWritable(operation);
    if (!this.state.hold) this.checkDeliverable(operation);
    this.state.write(record);
  }

  get isSuspect(): boolean {
    return this.suspect !== null && this.suspect === this.state.hold?.record.id;
  }

  /** Whether an answer would set or take away a cookie. */
  get delivers(): boolean {
    return !this.deliveries.isEmpty || this.cargo?.isEmpty === false;
  }

  get id(): SessionId {
    if (this.state.hold) return this.state.hold.record.id;
    this.state.freshId ??= newSessionId(this.engine.nonces);
    return this.state.freshId;
  }
}

function isSafe({ method, upgrade }: RequestView): boolean {
  return (method === "GET" || method === "HEAD") && !upgrade;
}
