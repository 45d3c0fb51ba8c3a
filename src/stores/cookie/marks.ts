/**
 * Small notes in another store: ordinary records under owners that no user has, each of its own, so that no index of
 * them grows. An id is a digest of what the note is about.
 */
import { createHash, randomBytes } from "node:crypto";
import { packAbout } from "../../core/about.ts";
import { toBase64url } from "../../core/bytes.ts";
import { LONGEST_CARRIED_MS } from "../../core/carried-options.ts";
import { reservedOwner } from "../../core/owners.ts";
import { RecentMap } from "../../core/recent-map.ts";
import type { Ended, Instant, SessionId, SessionRecord } from "../../core/record.ts";
import { newVersion } from "../../core/token.ts";
import { StoreFault } from "../../errors.ts";
import type { CallOptions, SessionStore } from "../contract.ts";

/** What a note says. */
export type Note = Readonly<Record<string, string | number | null | readonly string[]>>;

/** When the store was asked: by the caller's clock, and by one that nobody can set. */
interface Asked {
  readonly at: Instant;
  readonly since: number;
  /** How many notes had been changed here by then. */
  readonly changes: number;
}

interface Kept extends Asked {
  readonly note: Note | null;
}

const PURPOSE = "epoch";
const MOST_REMEMBERED = 10_000;
/** Other requests may change the same note; each round one of them wins. */
const MOST_ROUNDS = 20;

export class Marks {
  readonly #store: SessionStore;
  readonly #ttlMs: number;
  readonly #monotonic: () => number;
  readonly #recent = new RecentMap<Kept>(MOST_REMEMBERED);
  #changes = 0;

  /** `monotonic`: milliseconds that only grow. A manager's clock stands still for as long as the machine's was set back. */
  constructor(store: SessionStore, ttlMs: number, monotonic: () => number = () => performance.now()) {
    this.#store = store;
    this.#ttlMs = ttlMs;
    this.#monotonic = monotonic;
  }

  /** As they were at most `epochTtl` ago. */
  async recent(ids: readonly SessionId[], call: CallOptions): Promise<readonly (Note | null)[]> {
    const kept = ids.map((id) => this.#kept(id, call));
    if (!kept.includes(undefined)) call.onLocal?.();
    return Promise.all(
      ids.map(async (id, at) => {
        const known = kept[at];
        return known ? known.note : this.now(id, call);
      }),
    );
  }

  async now(id: SessionId, call: CallOptions): Promise<Note | null> {
    const asked = this.#ask(call);
    const record = await this.#load(id, call);
    const note = record && noteIn(record);
    this.#remember(id, note, asked);
    return note;
  }

  /** Writes what `change` makes of the note there is; `null` leaves it. Answers whether it changed. */
  async change(
    id: SessionId,
    until: Instant,
    call: CallOptions,
    change: (note: Note | null) => Note | null,
  ): Promise<boolean> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const record = await this.#load(id, call);
      const note = change(record && noteIn(record));
      if (!note) return false;
      const next = record ? revised(record, note, until) : made(id, note, until, call.now);
      if (await this.#written(next, record, call)) return true;
    }
    throw new StoreFault("busy", "A note about ended sessions was changed by others all the time.");
  }

  /** What is known of it goes, and what was asked for meanwhile is not kept, even where it ended in doubt. */
  async #written(next: SessionRecord, before: SessionRecord | null, call: CallOptions): Promise<boolean> {
    try {
      if (before) return (await this.#store.save(next, before.version, call)) === "saved";
      return (await this.#store.create(next, { ...call, since: { startedAt: call.now } })).ok;
    } finally {
      this.#recent.delete(next.id);
      this.#changes += 1;
    }
  }

  async #load(id: SessionId, call: CallOptions): Promise<SessionRecord | null> {
    let found: SessionRecord | Ended | null;
    try {
      found = await this.#store.load(id, call);
    } catch (cause) {
      // What cannot be read may say that the session ended: then nothing is known, rather than that it lives.
      if (cause instanceof StoreFault && cause.kind === "damaged") throw unreadable(cause);
      throw cause;
    }
    return found && !("ended" in found) ? found : null;
  }

  #kept(id: SessionId, { now }: CallOptions): Kept | undefined {
    const kept = this.#recent.get(id);
    const isYoung = kept && this.#isYoung(now - kept.at) && this.#isYoung(this.#monotonic() - kept.since);
    return isYoung ? kept : undefined;
  }

  #ask({ now }: CallOptions): Asked {
    return { at: now, since: this.#monotonic(), changes: this.#changes };
  }

  /** Not where a change came between: it may be from before that. */
  #remember(id: SessionId, note: Note | null, asked: Asked): void {
    if (this.#ttlMs > 0 && asked.changes === this.#changes) this.#recent.set(id, { ...asked, note });
  }

  #isYoung(age: number): boolean {
    return age >= 0 && age < this.#ttlMs;
  }
}

/** The parts are texts of any kind: each with its length in front, so that no two lists make one text. */
export function markId(...parts: readonly string[]): SessionId {
  const digest = createHash("sha256").update("sojourn/epochs");
  for (const part of parts) digest.update(`/${part.length}/`).update(part, "utf16le");
  return toBase64url(digest.digest().subarray(0, 16));
}

/** Notes are moved forward as idle deadlines are; their absolute one is further than any need. */
function made(id: SessionId, note: Note, until: Instant, now: Instant): SessionRecord {
  return {
    id,
    userId: reservedOwner(id),
    version: newVersion(randomBytes),
    createdAt: now,
    authenticatedAt: now,
    seenAt: now,
    idleUntil: until,
    absoluteUntil: now + 100 * LONGEST_CARRIED_MS,
    idleFor: until - now,
    persistent: true,
    label: null,
    about: packAbout({ purpose: PURPOSE }),
    credentials: new Uint8Array(),
    payload: bytesOf(note),
  };
}

function revised(record: SessionRecord, note: Note, until: Instant): SessionRecord {
  const idleUntil = Math.max(record.idleUntil, until);
  return { ...record, version: newVersion(randomBytes), idleUntil, payload: bytesOf(note) };
}

function bytesOf(note: Note): Uint8Array {
  return new Uint8Array(Buffer.from(JSON.stringify(note)));
}

function noteIn({ payload }: SessionRecord): Note {
  try {
    const note: unknown = JSON.parse(Buffer.from(payload).toString());
    if (typeof note === "object" && note !== null) return note as Note;
  } catch (cause) {
    throw unreadable(cause);
  }
  throw unreadable();
}

function unreadable(cause?: unknown): StoreFault {
  return new StoreFault("unavailable", "A note about ended sessions cannot be read.", { cause });
}
