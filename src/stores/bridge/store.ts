/** The operations of the contract, as far as a store that can only get and set allows them. */
import type { Ended, Instant, SessionId, SessionRecord, Version } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import { type EndReason, StoreFault, StoreLacksError } from "../../errors.ts";
import type {
  CallOptions,
  CreateOptions,
  CreateResult,
  DeleteResult,
  Guarantees,
  Health,
  OpenOptions,
  Page,
  SaveResult,
  Scanned,
  SessionStore,
  SweepResult,
  UserSessions,
} from "../contract.ts";
import { UnderWay } from "../under-way.ts";
import { endEach } from "./ending.ts";
import type { Row } from "./entry.ts";
import type { Foreign } from "./foreign.ts";
import { EVERYONE, isKeptOut, markKey, readMarks, setMark, tokenOf, tokensOf } from "./marks.ts";
import { Rows, rowKey } from "./rows.ts";
import { Scanning } from "./scanning.ts";
import { Sweeping } from "./sweeping.ts";
import { refuseLate, type Turn, Turns } from "./turns.ts";

export class BridgedStore implements SessionStore {
  readonly name: string;
  readonly guarantees: Guarantees;
  /** Left out where the foreign store cannot list its keys. */
  readonly scan?: (call: CallOptions & Page) => Promise<Scanned>;
  readonly #foreign: Foreign;
  readonly #turns: Turns;
  readonly #rows: Rows;
  readonly #sweeping: Sweeping;
  readonly #underWay = new UnderWay();
  #stopWatching: (() => void) | undefined;
  #isClosed = false;

  constructor(foreign: Foreign, guarantees: Guarantees) {
    this.name = foreign.name;
    this.guarantees = guarantees;
    this.#foreign = foreign;
    this.#turns = new Turns(foreign);
    this.#rows = new Rows(this.#turns);
    this.#sweeping = new Sweeping(foreign, this.#turns, this.#rows);
    if (foreign.keys) {
      const scanning = new Scanning(this.#turns, this.#rows);
      this.scan = (call) => this.#begin(call, () => scanning.page(call));
    }
  }

  open(options: OpenOptions = {}): Promise<readonly string[]> {
    return this.#begin(options, async () => {
      this.#stopWatching ??= this.#foreign.watch?.();
      await this.#turns.share(EVERYONE, options.signal, (turn) => turn.get(EVERYONE));
      return [];
    });
  }

  load(id: SessionId, call: CallOptions): Promise<SessionRecord | Ended | null> {
    return this.#begin(call, async () => {
      if (!isSessionId(id)) return null;
      const seen = await this.#turns.share(rowKey(id), call.signal, async (turn) => {
        const row = await this.#rows.read(turn, id, call);
        if (!row || "ended" in row) return row;
        return (await this.#rows.overBy(row, call)) ? "over" : row.record;
      });
      if (seen !== "over") return seen;
      const row = await this.#alone(id, call, (turn) => this.#rows.live(turn, id, call));
      return row && "record" in row ? row.record : row;
    });
  }

  create(record: SessionRecord, call: CreateOptions): Promise<CreateResult> {
    return this.#begin(call, async () => {
      if (!isSessionId(record.id)) throw new StoreFault("corrupt", "A new session has an id that is none.");
      this.#checkSize(record);
      return this.#alone(record.id, call, async (turn) => {
        const found = await this.#rows.live(turn, record.id, call);
        if (found && "ended" in found) return { ok: false, reason: "ended" };
        if (found && found.record.version !== record.version) return { ok: false, reason: "collision" };
        if (!found) {
          const standing = await readMarks(this.#turns, record.userId, call.signal);
          if (isKeptOut(standing, call.now, call.since)) return { ok: false, reason: "revoked" };
          const current = await this.#changed(record, call);
          if (current) return { ok: false, reason: "conflict", current };
          await this.#rows.write(turn, { record, marks: tokensOf(standing) }, call);
        }
        // Last, and also when the call is repeated: a crash in between leaves one session too many, not none.
        await this.#replace(record, call);
        return { ok: true };
      });
    });
  }

  save(record: SessionRecord, expected: Version, call: CallOptions): Promise<SaveResult> {
    return this.#begin(call, async () => {
      this.#checkSize(record);
      return this.#withLive<SaveResult>(record.id, call, "gone", async (turn, row) => {
        const stored = row.record;
        if (stored.version !== expected) return { conflict: stored };
        const { version, credentials, payload } = record;
        const next = {
          ...stored,
          version,
          credentials,
          payload,
          ...moved(stored, record.idleUntil, record.seenAt),
        };
        await this.#rows.write(turn, { ...row, record: next }, call);
        return "saved";
      });
    });
  }

  touch(id: SessionId, until: Instant, call: CallOptions): Promise<boolean> {
    return this.#begin(call, () =>
      this.#withLive(id, call, false, async (turn, row) => {
        await this.#rows.write(
          turn,
          { ...row, record: { ...row.record, ...moved(row.record, until, call.now) } },
          call,
        );
        return true;
      }),
    );
  }

  delete(
    id: SessionId,
    reason: EndReason,
    call: CallOptions & { readonly expected?: Version },
  ): Promise<DeleteResult> {
    return this.#begin(call, async () => {
      if (!isSessionId(id)) return "gone";
      return this.#alone(id, call, (turn) => this.#rows.endLive(turn, id, reason, call));
    });
  }

  listByUser(_userId: string, call: CallOptions & Page): Promise<UserSessions> {
    return this.#begin(call, async () => {
      throw new StoreLacksError("listByUser", "userIndex", this.name);
    });
  }

  /** Answers 0: who else is revoked shows when they come, and no index says how many there are. */
  deleteByUser(userId: string, call: CallOptions & { readonly except?: SessionId }): Promise<number> {
    return this.#begin(call, async () => {
      await setMark(this.#turns, markKey(userId), call.signal, call.now, call.except ?? null);
      return 0;
    });
  }

  erase(userId: string, call: CallOptions): Promise<number> {
    return this.#begin(call, async () => {
      if (!this.#turns.canList) throw new StoreLacksError("erase", "revokeUser", this.name);
      await setMark(this.#turns, markKey(userId), call.signal, call.now, null);
      const { ended, unread } = await endEach(this.#turns, this.#rows, call, (row) => row?.userId === userId);
      if (unread === 0) return ended;
      throw new StoreFault(
        "damaged",
        `Of ${unread} rows nobody can say whose they are. All others are erased.`,
      );
    });
  }

  revocation(userId: string, call: CallOptions): Promise<string> {
    return this.#begin(call, async () => {
      const { user } = await readMarks(this.#turns, userId, call.signal);
      return tokenOf(user, call.now);
    });
  }

  deleteAll(call: CallOptions): Promise<void> {
    return this.#begin(call, async () => {
      if (this.#turns.canList) await endEach(this.#turns, this.#rows, call, () => true);
      else await setMark(this.#turns, EVERYONE, call.signal, call.now, null);
    });
  }

  sweep(call: CallOptions & { readonly limit: number }): Promise<SweepResult> {
    return this.#begin(call, () => this.#sweeping.slice(call));
  }

  async health(call: CallOptions): Promise<Health> {
    try {
      await this.#begin(call, () => this.#turns.share(EVERYONE, call.signal, (turn) => turn.get(EVERYONE)));
      return { ok: true };
    } catch (error) {
      return { ok: false, detail: error instanceof StoreFault ? error.message : "It failed." };
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#underWay.settled();
    this.#stopWatching?.();
    this.#stopWatching = undefined;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #begin<T>(call: OpenOptions, act: () => Promise<T>): Promise<T> {
    if (this.#isClosed) throw new StoreFault("closed", `The ${this.name} store was closed.`);
    refuseLate(call.signal);
    return this.#underWay.track(act);
  }

  #alone<T>(id: SessionId, call: CallOptions, act: (turn: Turn) => Promise<T>): Promise<T> {
    return this.#turns.alone(rowKey(id), call.signal, act);
  }

  async #withLive<T>(
    id: SessionId,
    call: CallOptions,
    otherwise: T,
    act: (turn: Turn, row: Row) => Promise<T>,
  ): Promise<T> {
    if (!isSessionId(id)) return otherwise;
    return this.#alone(id, call, async (turn) => {
      const row = await this.#rows.live(turn, id, call);
      return row && "record" in row ? act(turn, row) : otherwise;
    });
  }

  /** The session to be replaced, where somebody has written into it since. */
  async #changed({ userId }: SessionRecord, call: CreateOptions): Promise<SessionRecord | null> {
    const { replaces } = call;
    if (!replaces || userId === null) return null;
    return this.#withLive<SessionRecord | null>(replaces.id, call, null, async (_, { record }) =>
      record.userId === userId && record.version !== replaces.version ? record : null,
    );
  }

  async #replace({ userId }: SessionRecord, call: CreateOptions): Promise<void> {
    const { replaces } = call;
    if (!replaces || userId === null) return;
    await this.#withLive(replaces.id, call, undefined, async (turn, { record }) => {
      if (record.userId !== userId) return;
      await this.#rows.end(turn, record, { ended: "replaced", at: call.now }, call);
    });
  }

  #checkSize({ payload }: SessionRecord): void {
    const { maxBytes } = this.guarantees;
    if (payload.byteLength > maxBytes) {
      throw new StoreFault("too-large", `The ${this.name} store takes ${maxBytes} bytes of data.`);
    }
  }
}

/** Both only move forward, and no further than the session may live. */
function moved(
  { idleUntil, absoluteUntil, seenAt }: SessionRecord,
  until: Instant,
  seen: Instant,
): Pick<SessionRecord, "idleUntil" | "seenAt"> {
  return {
    idleUntil: Math.min(absoluteUntil, Math.max(idleUntil, until)),
    seenAt: Math.max(seenAt, seen),
  };
}
