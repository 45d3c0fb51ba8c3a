/** One run of a copy, page by page: first everything in `from`, then everything in `to`. */
import type { Instant, SessionRecord } from "../../core/record.ts";
import { InvalidOptionError } from "../../errors.ts";
import { type Scanned, type SessionStore, TOMBSTONE_MS } from "../contract.ts";
import { checkOne } from "./check.ts";
import { copyOne } from "./copy-one.ts";
import { askWithin, type Job, type Outcome } from "./job.ts";
import type { CopyCounts, CopyProgress } from "./types.ts";

export interface Settings {
  readonly prune: boolean;
  readonly switchedAt: Instant | null;
  readonly pageSize: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | null;
  readonly onProgress: (progress: CopyProgress) => unknown;
  readonly clock: () => Instant;
}

/** Where a run is: the part, and the cursor of that part's store. */
export interface Place {
  readonly part: CopyProgress["part"];
  readonly after: string | null;
}

export const NOTHING_DONE = (): void => {};

/** Sessions worked on at once: enough to hide the way to a server, few enough to leave it to others. */
const AT_ONCE = 32;

/** What a run needs to come to its end before the first end in `to` may be forgotten. */
const MARGIN_MS = 60_000;

export function placeOf(after: string | undefined): Place {
  if (after === undefined) return { part: "copying", after: null };
  const [, part, cursor = ""] = /^(copying|checking):(.*)$/s.exec(after) ?? [];
  if (part !== "copying" && part !== "checking") {
    throw new InvalidOptionError("after", "must be the `after` of an earlier progress");
  }
  return { part, after: cursor === "" ? null : cursor };
}

export class Run {
  readonly #from: SessionStore;
  readonly #to: SessionStore;
  readonly #settings: Settings;
  #counts: Record<keyof CopyCounts, number> = {
    copied: 0,
    updated: 0,
    unchanged: 0,
    kept: 0,
    ended: 0,
    extra: 0,
    damaged: 0,
  };

  /** How many sessions `from` has shown; `null` for a run that goes on behind that. */
  #shown: number | null = null;

  constructor(from: SessionStore, to: SessionStore, settings: Settings) {
    this.#from = from;
    this.#to = to;
    this.#settings = settings;
  }

  get counts(): CopyCounts {
    return { ...this.#counts };
  }

  /** Works through one page; answers the place of the next, `null` at the end. */
  async page(place: Place): Promise<Place | null> {
    const job = this.#job();
    const isCopying = place.part === "copying";
    const scanned = await this.#scan(isCopying ? this.#from : this.#to, place.after, job);
    const { length } = scanned.sessions;
    if (isCopying) this.#shown = (this.#shown ?? (place.after === null ? 0 : 1)) + length + scanned.damaged;
    else if (job.prune && this.#shown === 0 && length > 0) throw wrongWayRound();
    await this.#each(scanned.sessions, (record) =>
      isCopying ? copyOne(record, job) : checkOne(record, job),
    );
    if (isCopying) this.#counts.damaged += scanned.damaged;
    const next = nextOf(place, scanned.after);
    const after = next && `${next.part}:${next.after ?? ""}`;
    await this.#settings.onProgress({ ...this.#counts, part: place.part, after });
    return next;
  }

  #job(): Job {
    const { signal, switchedAt, timeoutMs, prune, clock } = this.#settings;
    signal?.throwIfAborted();
    const now = clock();
    if (switchedAt !== null && now >= switchedAt + TOMBSTONE_MS - MARGIN_MS) {
      throw new InvalidOptionError(
        "switchedAt",
        "is too long ago: what ended in `to` since may be forgotten, and would be copied as if it were live",
      );
    }
    return { from: this.#from, to: this.#to, now, prune, switchedAt, ask: askWithin(timeoutMs) };
  }

  async #scan(store: SessionStore, after: string | null, { now, ask }: Job): Promise<Scanned> {
    const page = { limit: this.#settings.pageSize, ...(after !== null && { after }) };
    const scanned = await ask(now, async (call) => store.scan?.({ ...call, ...page }));
    if (!scanned) throw new InvalidOptionError("from", "and `to` must have scan()");
    return scanned;
  }

  async #each(
    records: readonly SessionRecord[],
    act: (record: SessionRecord) => Promise<Outcome>,
  ): Promise<void> {
    const rest = records.toReversed();
    const work = async (): Promise<void> => {
      for (let record = rest.pop(); record; record = rest.pop()) {
        const outcome = await act(record);
        if (outcome !== "nothing") this.#counts[outcome]++;
      }
    };
    const stop = (error: unknown): never => {
      rest.length = 0; // whoever is told of the error may close the stores: nothing more is begun
      throw error;
    };
    const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => work().catch(stop)));
    for (const end of ends) if (end.status === "rejected") throw end.reason;
  }
}

function wrongWayRound(): InvalidOptionError {
  return new InvalidOptionError(
    "prune",
    "would end every session of `to`, since `from` has none. Are the two stores the wrong way round?",
  );
}

function nextOf({ part }: Place, after: string | null): Place | null {
  if (after !== null) return { part, after };
  return part === "copying" ? { part: "checking", after: null } : null;
}
