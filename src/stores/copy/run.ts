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
  readonly onProgress: (progress: CopyProgress) => void;
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
    await this.#each(scanned.sessions, (record) =>
      isCopying ? copyOne(record, job) : checkOne(record, job),
    );
    if (isCopying) this.#counts.damaged += scanned.damaged;
    const next = nextOf(place, scanned.after);
    const after = next && `${next.part}:${next.after ?? ""}`;
    this.#settings.onProgress({ ...this.#counts, part: place.part, after });
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
    const rest = records.values();
    const work = async (): Promise<void> => {
      for (const record of rest) {
        const outcome = await act(record);
        if (outcome !== "nothing") this.#counts[outcome]++;
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }
}

function nextOf({ part }: Place, after: string | null): Place | null {
  if (after !== null) return { part, after };
  return part === "copying" ? { part: "checking", after: null } : null;
}
