/** The exchange of one request: what adapters drive, over the session of that request. */
import { CsrfDeniedError, InvalidArgumentError, type SojournError } from "../errors.ts";
import type { HeaderLine } from "../transports/contract.ts";
import { blame, culpritOf } from "./blame.ts";
import { hideFromLogs } from "./by-request.ts";
import { commitNeeded } from "./commit.ts";
import { checkToken, type Demand, headerToken, judgeOrigin, refuseUndecided } from "./csrf-gate.ts";
import type {
  Answer,
  BodyToken,
  Exchange,
  ExchangeRules,
  Exchanges,
  HeaderChanges,
} from "./exchange-contract.ts";
import type { RequestSession } from "./request-session.ts";
import { SessionHandle, SessionReader } from "./session.ts";
import type { SessionState } from "./state.ts";
import { touch, touchDue } from "./touching.ts";
import type { Arrival } from "./types.ts";
import { readAddress } from "./url-address.ts";
import type { UrlOptions } from "./url-making.ts";
import { Verbs } from "./verbs.ts";
import { Writer } from "./writer.ts";

const UNCHANGED: HeaderChanges = { cookies: [], cacheControl: undefined, vary: [], set: [] };

export class RequestExchange implements Exchange {
  readonly request: RequestSession;
  readonly session: SessionHandle;
  readonly #verbs: Verbs;
  readonly #writer: Writer;
  readonly rules: ExchangeRules;
  #demand: Demand = "none";
  #bodyToken: BodyToken | "later" | undefined;
  #opening: Promise<void> | null = null;
  #isUnexempted = false;

  constructor(request: RequestSession, rules: ExchangeRules, key: object) {
    this.request = request;
    request.key = key;
    this.#writer = new Writer(request);
    this.#verbs = new Verbs(request, this.#writer);
    this.session = new SessionHandle(request, this.#verbs);
    this.rules = rules;
  }

  begin(bodyToken?: BodyToken | "later"): void | Promise<void> {
    this.#bodyToken = bodyToken;
    if (this.rules.csrfExempt === null) this.#demand = judgeOrigin(this.request);
    if (!this.rules.lazy) return this.open();
  }

  /** Loads, then lets a token decide where one has to. */
  open(): void | Promise<void> {
    if (this.#opening) return this.#opening;
    const loading = this.request.load();
    if (loading || this.#demand !== "none") {
      this.#opening = this.#open(loading);
      return this.#opening;
    }
    this.request.isOpen = true;
  }

  async #open(loading: void | Promise<void>): Promise<void> {
    await loading;
    if (this.#demand !== "none") await this.#judgeToken(this.#bodyToken);
    this.request.isOpen = true;
  }

  async #judgeToken(bodyToken: BodyToken | "later" | undefined): Promise<void> {
    const { request } = this;
    const inHeader = headerToken(request);
    if (inHeader !== undefined) checkToken(request, this.#demand, inHeader);
    else if (bodyToken === "later") request.awaitsBody = true;
    else checkToken(request, this.#demand, await bodyToken?.());
  }

  judgeBody(bodyToken: BodyToken): void | Promise<void> {
    if (this.#bodyToken === "later") this.#bodyToken = bodyToken;
    if (this.request.awaitsBody) return this.#judgeLate(bodyToken);
  }

  /** Until it was read nothing is stored, and what was refused meanwhile was refused for that time only. */
  async #judgeLate(bodyToken: BodyToken): Promise<void> {
    const { request } = this;
    const text = await bodyToken();
    request.awaitsBody = false;
    request.denial = null;
    request.refusal = null;
    checkToken(request, this.#demand, text);
  }

  /** A stricter mount met a request that another one had exempted: what that one let pass is judged now. */
  unexempt(bodyToken?: BodyToken | "later"): void | Promise<void> {
    if (this.rules.csrfExempt === null || this.#isUnexempted) return;
    this.#isUnexempted = true;
    this.#bodyToken = bodyToken;
    this.request.isOpen = false;
    this.#opening = null;
    this.#demand = judgeOrigin(this.request);
    return this.open();
  }

  async peek(): Promise<SessionReader | null> {
    const { request } = this;
    request.wasPeeked = true;
    request.wasRead = true;
    await request.load();
    if (request.loadFailure) throw request.loadFailure;
    return request.state.hold ? new SessionReader(request) : null;
  }

  /** An address of ours that this session can be taken up at. Throws like the session itself. */
  async url(to: string, options: UrlOptions): Promise<string> {
    await this.open();
    this.request.checkUsable();
    this.request.wasRead = true;
    this.request.wasUsed = true;
    return this.#verbs.url(to, options);
  }

  async arrive(address: string): Promise<Arrival> {
    const { request } = this;
    const { url } = request.engine.settings;
    if (!url)
      throw new InvalidArgumentError("arrive() needs the option url: no address is looked at by default.");
    const read = readAddress(address, url.parameter);
    if (read.tokens.length === 0) return { location: null, refused: null };
    request.hidesAddress = true;
    await this.open();
    request.checkUsable();
    const refused = await this.#verbs.arrive(read);
    if (refused !== null) {
      const { id = null, userId = null } = request.state.hold?.record ?? {};
      request.emit("urlRefused", { reason: refused, id, userId });
    }
    return { location: read.clean, refused };
  }

  get owesCookie(): boolean {
    return this.request.deliveries.owes || this.request.cargo?.isEmpty === false;
  }

  concerns(error: unknown): boolean {
    return culpritOf(error) === this.request;
  }

  get asksForHsts(): boolean {
    const { engine, connection } = this.request;
    return engine.hsts.isDue && connection.door === "secure";
  }

  finish(answer: Answer): HeaderChanges | Promise<HeaderChanges> {
    const { request } = this;
    if (answer.hsts !== undefined) request.engine.hsts.note(answer.hsts);
    request.isSealed = true;
    if (!this.#writer.isBusy && !this.#mustWait(answer)) return this.#changes(answer);
    return this.#finishLater(answer);
  }

  async #finishLater(answer: Answer): Promise<HeaderChanges> {
    const { request } = this;
    try {
      if (this.#writer.isBusy) await this.#writer.settled();
      if (answer.status < 500) {
        if (request.awaitsBody && !request.state.changes.isEmpty) refuseUndecided(request);
        await this.#writer.commit(this.#mayOffer(answer));
        if (request.own) await this.#writer.tendOwn(this.#mayOffer(answer));
        if (this.#mustTouch(request.state)) await touch(request.engine, request.state);
        if (request.own && this.#mustTouch(request.own)) await touch(request.engine, request.own);
      }
    } catch (error) {
      throw error instanceof Error ? blame(error, request) : error;
    }
    return this.#changes(answer);
  }

  /** A save has moved the deadline already. */
  #mustTouch({ found }: SessionState): boolean {
    return found !== null && this.#extends && touchDue(this.request.engine, found);
  }

  #mustWait(answer: Answer): boolean {
    const { request } = this;
    const { state, own } = request;
    if (answer.status >= 500 || !request.isLoaded || request.loadFailure || request.denial) return false;
    if (!state.found) return !state.changes.isEmpty;
    if (!this.#extends && state.changes.isEmpty) return false;
    return this.#mustStore(state, answer) || (own !== null && this.#mustStore(own, answer));
  }

  #mustStore({ found, changes }: SessionState, answer: Answer): boolean {
    if (!found) return false;
    const { engine } = this.request;
    const wish = { changes, mayOffer: this.#mayOffer(answer) };
    return touchDue(engine, found) || commitNeeded(engine, found, wish);
  }

  /** Only peeking leaves the session as it is: no touch, no rotation (SECURITY L10). */
  get #extends(): boolean {
    return this.request.wasUsed || !this.request.wasPeeked;
  }

  /** A shared cache must never hand one person's next secret to another. */
  #mayOffer(answer: Answer): boolean {
    const { cacheControl } = answer;
    const isShared = cacheControl !== undefined && /\b(public|s-maxage)\b/i.test(cacheControl);
    return this.request.tracking.mayRotate && !isShared;
  }

  #changes(answer: Answer): HeaderChanges {
    const { request } = this;
    if (!request.delivers && !request.hidesAddress) {
      if (!request.wasRead) return UNCHANGED;
      const cacheControl = answer.cacheControl === undefined ? "private, no-cache" : undefined;
      return { cookies: [], cacheControl, vary: request.engine.vary, set: [] };
    }
    const cacheControl = /\bno-store\b/i.test(answer.cacheControl ?? "") ? undefined : "no-store";
    return { ...this.#lines("all"), cacheControl, vary: request.engine.vary };
  }

  refuse(error: SojournError): HeaderChanges {
    const { request } = this;
    request.isSealed = true;
    const { cookies, set } = this.#lines("owed");
    return {
      cookies,
      cacheControl: "no-store",
      vary: request.engine.vary,
      set: [...set, ...this.#freshToken(error)],
    };
  }

  /**
   * A script of our own whose token went stale can try once more with this one (SECURITY C3). Not where a browser may
   * have several accounts: it would then act on another than its page was made for.
   */
  #freshToken(error: SojournError): HeaderChanges["set"] {
    if (!(error instanceof CsrfDeniedError) || !error.reason.startsWith("token_")) return [];
    const isSingle = this.request.engine.settings.accounts === null;
    const token = isSingle && this.concerns(error) ? this.request.csrf.renew() : null;
    return token === null ? [] : [["x-csrf-token", token]];
  }

  #lines(which: "all" | "owed"): Pick<HeaderChanges, "cookies" | "set"> {
    const { tracking, deliveries, cargo } = this.request;
    const leaving = deliveries.list(which);
    const lines = tracking.write(cargo ? cargo.beside(leaving) : leaving);
    return {
      cookies: lines.filter(isCookie).map(([, value]) => value),
      set: [...lines.filter((line) => !isCookie(line)), ...(this.request.hidesAddress ? NO_REFERRER : [])],
    };
  }
}

hideFromLogs(RequestExchange.prototype);

const NO_REFERRER: HeaderChanges["set"] = [["referrer-policy", "no-referrer"]];

function isCookie([name]: HeaderLine): boolean {
  return name === "set-cookie";
}

const managers = new WeakMap<object, Exchanges>();

/** Called once by the manager. */
export function registerExchanges(sessions: object, exchanges: Exchanges): void {
  managers.set(sessions, exchanges);
}

/** The adapters' side of a manager made by `createSessions`. */
export function exchangesOf(sessions: object): Exchanges {
  const exchanges = managers.get(sessions);
  if (!exchanges) throw new TypeError("An adapter takes what createSessions() returned.");
  return exchanges;
}
