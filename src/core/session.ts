/**
 * The handle handlers hold: reads, and recorded writes, over the session of one request. At run time keys are texts
 * and values unknown; the manager gives it the application's types.
 */
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidArgumentError, LevelTooLowError, NotSignedInError, StaleLoginError } from "../errors.ts";
import { listAccounts } from "./accounts.ts";
import { planActing } from "./acting.ts";
import { blame } from "./blame.ts";
import { type Data, ownValue } from "./change-set.ts";
import { durationArgument } from "./duration.ts";
import { checked } from "./handoff.ts";
import type { RequestSession } from "./request-session.ts";
import { findPending } from "./second-factor.ts";
import { actorOf, checkLevel, type Level, levelOf, methodsOf, userOf } from "./standing.ts";
import { expiresAt } from "./state.ts";
import type {
  ActingOptions,
  Duration,
  LoginOptions,
  PendingLogin,
  ReadonlySession,
  Session,
  SessionInfo,
} from "./types.ts";
import { handOut } from "./values.ts";
import type { Verbs } from "./verbs.ts";

type Values = Record<string, unknown>;
type FlashMessage = { readonly kind: string; readonly message: string };

const MAX_FLASH_LENGTH = 4096;

/** What can be looked at without using the session: `peek` gives this. */
export class SessionReader implements ReadonlySession<Values> {
  readonly #request: RequestSession;

  constructor(request: RequestSession) {
    this.#request = request;
  }

  /** Every access comes through here: caches must know that the answer depends on the session. */
  protected noted(): RequestSession {
    this.#request.checkReadable();
    this.#request.wasRead = true;
    return this.#request;
  }

  get #data(): Data {
    return this.noted().state.body.data;
  }

  get id(): string {
    return this.noted().id;
  }

  get userId(): string | null {
    const { hold } = this.noted().state;
    return hold ? userOf(hold.record) : null;
  }

  get isNew(): boolean {
    return this.noted().state.hold === null;
  }

  get createdAt(): number {
    const { state } = this.noted();
    return state.hold?.record.createdAt ?? state.freshAt;
  }

  get authenticatedAt(): number | null {
    const { state, own } = this.noted();
    return own ? null : (state.hold?.record.authenticatedAt ?? null);
  }

  get expiresAt(): number {
    const { state, engine } = this.noted();
    return state.hold ? expiresAt(state.hold.record) : state.freshAt + engine.settings.visitor.idleMs;
  }

  requireUser(): string {
    const { userId } = this;
    if (userId === null) throw blame(new NotSignedInError(), this.#request);
    return userId;
  }

  get methods(): readonly string[] {
    const { hold } = this.noted().state;
    return hold ? methodsOf(hold.record) : [];
  }

  get actor(): string | null {
    const { hold } = this.noted().state;
    return hold ? actorOf(hold.record) : null;
  }

  get level(): Level {
    const { hold } = this.noted().state;
    return hold ? levelOf(hold.record) : 0;
  }

  requireFresh(maxAge?: Duration, options: { readonly level?: 1 | 2 | 3 } = {}): void {
    this.requireUser();
    this.#request.checkNotActing("requireFresh");
    const { settings, now } = this.#request.engine;
    const level = wantedLevel(options);
    const maxAgeMs = durationArgument("requireFresh(maxAge)", maxAge, settings.freshMs);
    // Signing in at the level is fresh too, so the level is told first.
    if (this.level < level) throw blame(new LevelTooLowError(level, this.level), this.#request);
    if (this.#request.isSuspect) throw blame(new StaleLoginError(null), this.#request);
    if (now() - (this.authenticatedAt ?? 0) > maxAgeMs)
      throw blame(new StaleLoginError(maxAgeMs), this.#request);
  }

  get(key: string): unknown {
    return handOut(ownValue(this.#data, key));
  }

  has(key: string): boolean {
    return Object.hasOwn(this.#data, key);
  }

  keys(): readonly string[] {
    return Object.keys(this.#data);
  }

  entries(): readonly (readonly [string, unknown])[] {
    return Object.entries(this.#data).map(([key, value]) => [key, handOut(value)]);
  }
}

/** For those who only need to know whose session it is, while it is being opened: that counts as no use of it. */
export class SessionOnlooker extends SessionReader {
  readonly #request: RequestSession;

  constructor(request: RequestSession) {
    super(request);
    this.#request = request;
  }

  protected override noted(): RequestSession {
    return this.#request;
  }
}

/** The full handle. Using it moves the idle deadline. */
export class SessionHandle extends SessionReader implements Session<Values> {
  readonly #request: RequestSession;
  readonly #verbs: Verbs;

  constructor(request: RequestSession, verbs: Verbs) {
    super(request);
    this.#request = request;
    this.#verbs = verbs;
  }

  protected override noted(): RequestSession {
    this.#request.checkUsable();
    this.#request.checkActing();
    this.#request.wasUsed = true;
    return super.noted();
  }

  set(key: string, value: unknown): void {
    const { engine } = this.noted();
    const copied = engine.shape.copy(key, value);
    this.#request.write("set", (changes, seen) => changes.record({ kind: "set", key, value: copied }, seen));
  }

  update(key: string, change: (value: unknown) => unknown): void {
    const { engine } = this.noted();
    const applied = (value: unknown): unknown => engine.shape.copy(key, change(handOut(value)));
    this.#request.write("update", (changes, seen) =>
      changes.record({ kind: "update", key, change: applied }, seen),
    );
  }

  delete(key: string): void {
    this.noted();
    this.#request.write("delete", (changes, seen) => changes.record({ kind: "delete", key }, seen));
  }

  take(key: string): unknown {
    const seen = ownValue(this.#data(), key);
    if (seen !== undefined) {
      this.#request.write("take", (changes, body) => changes.record({ kind: "take", key, seen }, body));
    }
    return handOut(seen);
  }

  async consume(key: string): Promise<unknown> {
    this.noted();
    return handOut(await this.#verbs.consume(key));
  }

  clear(): void {
    this.noted();
    this.#request.write("clear", (changes, seen) => changes.record({ kind: "clear" }, seen));
  }

  flash(kind: string, message: string): void {
    this.noted();
    if (
      typeof kind !== "string" ||
      typeof message !== "string" ||
      kind.length + message.length > MAX_FLASH_LENGTH ||
      !(kind + message).isWellFormed()
    ) {
      throw new InvalidArgumentError(
        `flash(kind, message): both are texts, together at most ${MAX_FLASH_LENGTH} characters.`,
      );
    }
    const mark = newMark(this.#request);
    this.#request.write("flash", (changes, seen) => changes.addFlash({ kind, message, mark }, seen));
  }

  /** Once the headers left, messages are shown but stay for the next page too. */
  flashes(kind?: string): readonly FlashMessage[] {
    const { flashes } = this.noted().state.body;
    const wanted = kind === undefined ? flashes : flashes.filter((flash) => flash.kind === kind);
    if (wanted.length > 0 && !this.#request.isSealed) {
      this.#request.write("flashes", (changes, seen) => changes.readFlashes(wanted, seen));
    }
    return wanted.map((flash) => ({ kind: flash.kind, message: flash.message }));
  }

  csrfToken(): string {
    return this.noted().csrf.render();
  }

  /** For what begins anew, whatever the request came for. */
  #used(): void {
    this.#request.checkUsable();
    this.#request.wasUsed = true;
    this.#request.wasRead = true;
  }

  async login(userId: string, options: LoginOptions<Values> = {}): Promise<void> {
    this.#used();
    await this.#verbs.login(userId, options);
  }

  async beginSecondFactor(userId: string, options: LoginOptions<Values> = {}): Promise<void> {
    this.noted();
    await this.#verbs.beginSecondFactor(userId, options);
  }

  async pendingLogin(): Promise<PendingLogin | null> {
    const pending = await findPending(this.noted());
    if (!pending) return null;
    const { userId, startedAt, expiresAt: until } = pending;
    return { userId, startedAt, expiresAt: until };
  }

  async handoff(name: string, data: object = {}): Promise<string> {
    this.noted();
    return this.#verbs.handoff(name, data);
  }

  async receive<T>(name: string, state: unknown, schema?: StandardSchemaV1<unknown, T>): Promise<T> {
    this.noted();
    return checked(schema, await this.#verbs.receive(name, state)) as T;
  }

  async renew(): Promise<void> {
    this.noted();
    await this.#verbs.renew();
  }

  async actAs(userId: string, options: ActingOptions = {}): Promise<void> {
    await this.#verbs.actAs(planActing(this.noted(), userId, options));
  }

  async stopActing(): Promise<void> {
    this.#used();
    await this.#verbs.stopActing();
  }

  async logout(id?: string): Promise<void> {
    this.#used();
    await this.#verbs.logout(id);
  }

  async logoutAll(): Promise<void> {
    this.#used();
    await this.#verbs.logoutAll();
  }

  async accounts(): Promise<readonly SessionInfo[]> {
    return listAccounts(this.noted());
  }

  async switchTo(id: string): Promise<boolean> {
    this.noted();
    return this.#verbs.switchTo(id);
  }

  async save(): Promise<void> {
    this.noted();
    await this.#verbs.save();
  }

  #data(): Data {
    return this.noted().state.body.data;
  }
}

/** A misspelt `level` must not let anybody pass. */
function wantedLevel(options: { readonly level?: 1 | 2 | 3 }): 1 | 2 | 3 {
  for (const key of Object.keys(options)) {
    if (key !== "level") throw new InvalidArgumentError(`requireFresh(): there is no option "${key}".`);
  }
  return options.level === undefined ? 1 : checkLevel("requireFresh()", options.level);
}

/** Tells equal messages apart; 48 random bits are plenty for the few messages of one session. */
function newMark(request: RequestSession): number {
  const bytes = request.engine.nonces(6);
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0);
}
