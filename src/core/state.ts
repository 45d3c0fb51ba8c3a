/** What one request knows of its session: what it loaded, by which secret, and what it wrote so far. */
import {
  type EndReason,
  SessionEndedError,
  type StoreUnavailableError,
  UndecodableError,
} from "../errors.ts";
import { type Body, ChangeSet } from "./change-set.ts";
import { type Credentials, unpackCredentials } from "./credentials.ts";
import type { Engine } from "./engine.ts";
import type { RejectReason } from "./event-types.ts";
import type { Instant, SessionId, SessionRecord } from "./record.ts";
import type { RequestView } from "./request.ts";
import type { Token } from "./token.ts";

/** A record with its parts unpacked. */
export interface Loaded {
  readonly record: SessionRecord;
  readonly credentials: Credentials;
  readonly body: Body;
  /** Its payload was written by another codec, under another key or in an older shape. */
  readonly isOutdated: boolean;
}

/** How the presented secret stood when the request was opened; judged once, for admission. */
type Admission = "current" | "next" | "overlap";

/** A request's hold on a stored session. */
export interface Hold extends Loaded {
  readonly token: Token;
  readonly admission: Admission;
  /** Grows when the old secret dies at once; a write goes on only while the record still has it. */
  readonly epoch: number;
  /** Made by this very request under the policy `refuse`: it stays short-lived until a request shows its cookie. */
  readonly isUnconfirmed: boolean;
}

/** A hold of whose data nobody has asked yet. */
export type Unread = Omit<Hold, "body" | "isOutdated">;

/** Why a request has no session, for `explain` and for the error of a write. */
export type Absence = RejectReason | "none";

/** How a session ended under a request. */
export type Ending = EndReason | "superseded" | "unknown";

/**
 * The session of a request as it stands: what is stored, what is being stored, and what was written since. A commit
 * takes the written changes as a batch, so that what a handler writes meanwhile is neither lost nor stored twice.
 */
export class SessionState {
  readonly #engine: Engine;
  #hold: Hold | null;
  /** How to come by the data of what was found. */
  #unread: { readonly found: Unread; readonly read: () => Hold | null } | null = null;
  #batch: ChangeSet | null = null;
  #changes: ChangeSet;
  #seen: Body | null = null;
  /** The id a fresh session gets, drawn when it is asked for. */
  freshId: SessionId | null = null;
  readonly freshAt: Instant;
  /** Set when the held session was found to have ended while the request ran. */
  ended: Ending | null = null;
  /** Set when nobody knows whether a batch was stored: what follows could count it twice, so everything fails alike. */
  doubt: StoreUnavailableError | null = null;

  constructor(engine: Engine, hold: Hold | null = null, freshAt: Instant = engine.now()) {
    this.#engine = engine;
    this.#hold = hold;
    this.#changes = new ChangeSet(engine.shape.defaults);
    this.freshAt = freshAt;
  }

  /** `null`: nothing is stored; a write will create a visitor's session. */
  get hold(): Hold | null {
    const unread = this.#unread;
    if (unread) {
      this.#unread = null; // whoever hears that it cannot be read may look here
      this.hold = unread.read();
    }
    return this.#hold;
  }

  set hold(hold: Hold | null) {
    this.#unread = null;
    this.#hold = hold;
    this.#seen = null; // another body lies under the changes now
  }

  /** The same for those who look at times and secrets alone. A request that never uses its session decodes no data. */
  get found(): Unread | null {
    return this.#unread?.found ?? this.#hold;
  }

  /** `read` decodes the data; it answers `null` where that is no session after all. */
  find(found: Unread, read: () => Hold | null): void {
    this.#unread = { found, read };
  }

  /** What was written and is not being stored yet. */
  get changes(): ChangeSet {
    return this.#changes;
  }

  get stored(): Body {
    return this.hold?.body ?? { data: this.#engine.shape.defaults(), flashes: [] };
  }

  /** The body as the request sees it. */
  get body(): Body {
    if (this.ended !== null) return this.stored; // what was written will never be there
    this.#seen ??= this.#changes.applyTo(this.#batch?.applyTo(this.stored) ?? this.stored);
    return this.#seen;
  }

  write(record: (changes: ChangeSet, seen: Body) => Body): void {
    this.#seen = record(this.#changes, this.body);
  }

  /** Takes what was written so far as the batch to store. Throws if an earlier one is in doubt. */
  takeBatch(): { readonly changes: ChangeSet; readonly preview: Body } {
    if (this.doubt) throw this.doubt;
    if (this.ended !== null && !this.#changes.isEmpty) throw new SessionEndedError(this.ended);
    const preview = this.body;
    return { changes: this.setAside(), preview };
  }

  /** What was written so far becomes the batch; what comes after it is a set of its own. */
  setAside(): ChangeSet {
    const batch = this.#changes;
    this.#batch = batch;
    this.#changes = new ChangeSet(this.#engine.shape.defaults);
    return batch;
  }

  /** What comes after this one: a visitor's fresh state, or another session. It starts with what was written since `setAside`. */
  successor(hold: Hold | null = null): SessionState {
    const fresh = new SessionState(this.#engine, hold);
    fresh.#changes = this.#changes;
    return fresh;
  }

  /** The batch is stored, or came to nothing. */
  settleBatch(hold: Hold | null = this.hold): void {
    this.#batch = null;
    this.hold = hold;
  }

  /** Gives up the claims on a key that another request has taken. */
  dropClaim(key: string): void {
    this.#changes.dropClaim(key);
    this.#seen = null;
  }

  /** The batch was surely not stored: it is to be stored again, with what came after it. */
  returnBatch(): void {
    if (this.#batch) this.#changes = this.#batch.followedBy(this.#changes);
    this.settleBatch();
  }
}

/** `null` for what cannot be read here: that is told as an event, and is no session to anybody. */
export function unpack(engine: Engine, record: SessionRecord, view?: RequestView): Loaded | null {
  const credentials = credentialsIn(engine, record, view);
  return credentials && withData(engine, record, credentials, view);
}

/** The half that says whose session it is. */
export function credentialsIn(engine: Engine, record: SessionRecord, view?: RequestView): Credentials | null {
  return reading(engine, record, view, () => unpackCredentials(record.credentials));
}

/** The other half, for who may have it. */
export function withData(
  engine: Engine,
  record: SessionRecord,
  credentials: Credentials,
  view?: RequestView,
): Loaded | null {
  return reading(engine, record, view, () => ({
    record,
    credentials,
    ...engine.shape.decode(record.id, record.payload),
  }));
}

function reading<T>(
  engine: Engine,
  { id }: SessionRecord,
  view: RequestView | undefined,
  read: () => T,
): T | null {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UndecodableError)) throw error;
    engine.events.emit("undecodable", { id, reason: error.reason }, view);
    if (engine.settings.mode === "development")
      engine.note(`${error.message} The visitor gets a fresh session.`);
    return null;
  }
}

/** Where the session stands if nobody touches it again. */
export function expiresAt(record: Pick<SessionRecord, "idleUntil" | "absoluteUntil">): Instant {
  return Math.min(record.idleUntil, record.absoluteUntil);
}
