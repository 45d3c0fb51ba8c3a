/**
 * The store as one request sees it: the sessions that its client brought, opened, and sealed again for the answer. What
 * is no session of a browser (records for one use, sessions in which somebody acts) lies in the store of the epochs.
 */
import { isOneTime } from "../../core/about.ts";
import { unpackCredentials } from "../../core/credentials.ts";
import { withoutManager } from "../../core/owned-store.ts";
import { kindOf } from "../../core/owners.ts";
import {
  type Ended,
  expiryReason,
  headerOf,
  type Instant,
  isLive,
  type SessionId,
  type SessionRecord,
  type Version,
} from "../../core/record.ts";
import { type EndReason, StoreFault, StoreLacksError } from "../../errors.ts";
import type { CallOptions, CreateOptions, CreateResult, DeleteResult, SaveResult } from "../contract.ts";
import type { Cargo } from "./contract.ts";
import type { Epochs } from "./epochs.ts";
import type { CarriedSession } from "./format.ts";
import type { Opened, Sealing } from "./sealing.ts";

type LoadOptions = CallOptions & { readonly mayLag?: boolean };

export class CarriedSessions {
  readonly #sealing: Sealing;
  readonly #epochs: Epochs | null;
  readonly #maxBytes: number;
  readonly #cargo: Cargo;
  /** `Ended`: by this request, or found to be. */
  readonly #known = new Map<SessionId, Opened | Ended>();

  constructor(sealing: Sealing, epochs: Epochs | null, maxBytes: number, cargo: Cargo) {
    this.#sealing = sealing;
    this.#epochs = epochs;
    this.#maxBytes = maxBytes;
    this.#cargo = cargo;
  }

  async load(id: SessionId, call: LoadOptions): Promise<SessionRecord | Ended | null> {
    const known = this.#found(id, call);
    if (!known) return this.#epochs ? this.#epochs.store.load(id, call) : null;
    if ("ended" in known) return known;
    return (await this.#endOf(known, call, call.mayLag ? "recent" : "now")) ?? known.record;
  }

  /** A session that was ended, a floor under one, or a race lost is found by the next request. */
  async create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    if (!isCarried(record)) {
      if (!this.#epochs) throw new StoreLacksError("a record for one use", "noRevival", "cookie");
      return this.#epochs.store.create(record, call);
    }
    const epochs = await this.#epochs?.admit(record.userId, call);
    if (epochs === "revoked") return { ok: false, reason: "revoked" };
    const session = { record, epochs: epochs ?? { user: "", everyone: "" } };
    const sealed = this.#seal(session);
    if (call.replaces) await this.#replace(call.replaces.id, record, call);
    this.#keep(session, sealed);
    return { ok: true };
  }

  /** Without comparing versions: nobody knows what another request sent. */
  async save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    const found = this.#found(record.id, call);
    if (!found) return this.#epochs ? this.#epochs.store.save(record, expected, call) : "gone";
    if ("ended" in found || (await this.#endOf(found, call, "now"))) return "gone";
    const stored = found.record;
    const next: SessionRecord = {
      ...stored,
      version: record.version,
      credentials: record.credentials,
      payload: record.payload,
      ...later(stored, record),
    };
    const session = { record: next, epochs: found.epochs };
    const sealed = this.#seal(session);
    const { epoch } = unpackCredentials(next.credentials);
    if (epoch > unpackCredentials(stored.credentials).epoch) await this.#epochs?.raise(next, epoch, call);
    this.#keep(session, sealed);
    return "saved";
  }

  async touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    const found = this.#found(id, call);
    if (!found) return this.#epochs ? this.#epochs.store.touch(id, until, call) : false;
    call.onLocal?.();
    if ("ended" in found || !isLive(found.record, call.now)) return false;
    const record = { ...found.record, ...later(found.record, { idleUntil: until, seenAt: call.now }) };
    if (found.isOutdated) {
      const session = { record, epochs: found.epochs };
      this.#keep(session, this.#seal(session));
    } else {
      this.#known.set(id, { ...found, record });
      this.#cargo.putDeadline(headerOf(record), this.#sealing.deadline(record));
    }
    return true;
  }

  async delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    const found = this.#found(id, call);
    if (!found) return this.#epochs ? this.#epochs.store.delete(id, reason, call) : "gone";
    if ("ended" in found || (await this.#endOf(found, call, "now"))) return "gone";
    await this.#end(found.record, reason, call);
    return "deleted";
  }

  #found(id: SessionId, call: Pick<CallOptions, "onLocal">): Opened | Ended | null {
    const found = this.#known.get(id) ?? this.#opened(id, call);
    if (found && "ended" in found) call.onLocal?.();
    return found;
  }

  #opened(id: SessionId, call: Pick<CallOptions, "onLocal">): Opened | null {
    const carried = this.#cargo.brought(id);
    if (!carried) return null;
    const session = carried.sealed === null ? null : this.#sealing.open(id, carried.sealed);
    if (!session) {
      call.onLocal?.();
      throw new StoreFault("damaged", "A session came that is not whole, or was not sealed here.");
    }
    const deadline = carried.deadline === null ? null : this.#sealing.openDeadline(id, carried.deadline);
    const opened = deadline
      ? { ...session, record: { ...session.record, ...later(session.record, deadline) } }
      : session;
    this.#known.set(id, opened);
    return opened;
  }

  async #endOf(session: Opened, call: CallOptions, when: "now" | "recent"): Promise<Ended | null> {
    const { record } = session;
    const isOver = !isLive(record, call.now);
    if (isOver) call.onLocal?.();
    const ended = isOver
      ? { ended: expiryReason(record, call.now), at: Math.min(record.idleUntil, record.absoluteUntil) }
      : ((await this.#epochs?.endOf(session, call, when)) ?? null);
    if (ended) this.#known.set(record.id, ended);
    return ended;
  }

  /** The user's session before, if it is this request's: a login of another browser knows of none. */
  async #replace(id: SessionId, { userId }: SessionRecord, call: CallOptions): Promise<void> {
    const old = this.#found(id, {});
    if (old && !("ended" in old) && old.record.userId === userId)
      await this.#end(old.record, "replaced", call);
  }

  async #end(record: SessionRecord, reason: EndReason, call: CallOptions): Promise<void> {
    const isEnded = this.#epochs ? await this.#epochs.end(record, reason, call) : true;
    this.#known.set(record.id, { ended: reason, at: call.now });
    if (isEnded) call.onEnded?.(headerOf(record), reason);
  }

  #seal(session: CarriedSession): string {
    const { byteLength } = session.record.payload;
    if (byteLength > this.#maxBytes) {
      throw new StoreFault("too-large", `The data takes ${byteLength} bytes, more than ${this.#maxBytes}.`);
    }
    return this.#sealing.session(session);
  }

  #keep(session: CarriedSession, sealed: string): void {
    this.#cargo.put(headerOf(session.record), sealed);
    this.#known.set(session.record.id, { ...session, isOutdated: false });
  }
}

function isCarried(record: SessionRecord): boolean {
  const kind = isOneTime(record) ? null : kindOf(withoutManager(record.userId));
  return kind === "user" || kind === "visitor";
}

/** Deadlines only move forward, and never past the absolute one. */
function later(
  stored: SessionRecord,
  given: Pick<SessionRecord, "idleUntil" | "seenAt">,
): Pick<SessionRecord, "idleUntil" | "seenAt"> {
  return {
    idleUntil: Math.min(stored.absoluteUntil, Math.max(stored.idleUntil, given.idleUntil)),
    seenAt: Math.max(stored.seenAt, given.seenAt),
  };
}
