/** `sojourn/stores/copy`: takes sessions from one store to another, so that a move signs nobody out. */
import { durationOption } from "../core/duration.ts";
import { refuseUnknownKeys } from "../core/option-checks.ts";
import type { Instant } from "../core/record.ts";
import type { Duration } from "../core/types.ts";
import { InvalidOptionError } from "../errors.ts";
import type { SessionStore } from "./contract.ts";
import { NOTHING_DONE, placeOf, Run, type Settings } from "./copy/run.ts";
import type { CopyCounts, CopyProgress } from "./copy/types.ts";

export type { CopyCounts, CopyProgress } from "./copy/types.ts";

export interface CopyOptions {
  /** The `after` of the last progress of a call that was cut short, to go on there. Left out: from the beginning. */
  readonly after?: string;
  /**
   * Ends in `to` what is not in `from`, so that `to` is left a copy and nothing else: for the last run before the
   * switch. Default `false`: such sessions are counted as `extra`. Refused with `switchedAt`,
   * and for a `from` without any session, which is more likely the wrong store.
   */
  readonly prune?: boolean;
  /**
   * Since when `to` is in use and `from` is not, epoch milliseconds. What was used in `to` since then stays as it is
   * there. Refused when it is still to come, and when it is nine minutes ago or more; the run stops when it gets there: a
   * store remembers ends for ten, and what ended in `to` before that would be copied as if it were live. Left out: nobody
   * uses `to` yet.
   */
  readonly switchedAt?: Instant;
  /** Called after each page; a promise is waited for. The place to write `after` down. An error of its own ends the run. */
  readonly onProgress?: (progress: CopyProgress) => unknown;
  /** Sessions in a page, 1 to 10,000; default 500. Memory is needed for one page, and for what `from` needs to list. */
  readonly pageSize?: number;
  /** How long a single call of a store may take. Default `"10s"`. */
  readonly storeTimeout?: Duration;
  /** Ends the run between two pages; it rejects with the reason of the signal. */
  readonly signal?: AbortSignal;
  /** Time in epoch milliseconds, for tests. Default `Date.now`. */
  readonly clock?: () => Instant;
}

const KNOWN = ["after", "prune", "switchedAt", "onProgress", "pageSize", "storeTimeout", "signal", "clock"];
const LARGEST_PAGE = 10_000;

/**
 * Copies every live session of `from` into `to`, with its id, user, deadlines, version, hashes and data, so that the
 * cookies people have are good there; then ends in `to` what has ended in `from`. Repeating it is harmless: it brings
 * `to` up to date. Both stores are opened and neither is closed. Answers what it did.
 *
 * It may run while an application uses `from`. What is written there behind its back takes one more run; docs/stores.md
 * has the steps of a move. What it cannot take along are revocation marks: let logins under way wait, or begin anew.
 *
 * Throws `InvalidOptionError` at once for impossible options, for stores without `scan`, and for a `to` that needs ids
 * of its own making (`guarantees.slots`), and later where `to` turns out to be in use and `switchedAt` does not say so.
 * Throws `StoreFault` when a store fails: go on with `after`.
 */
export async function copySessions(
  from: SessionStore,
  to: SessionStore,
  options: CopyOptions = {},
): Promise<CopyCounts> {
  const settings = check(from, to, options);
  const place = placeOf(options.after);
  await from.open();
  await to.open();
  const run = new Run(from, to, settings);
  for (let next: typeof place | null = place; next !== null; ) next = await run.page(next);
  return run.counts;
}

function check(from: SessionStore, to: SessionStore, options: CopyOptions): Settings {
  refuseUnknownKeys(options, KNOWN, "copySessions");
  const { prune = false, switchedAt = null, pageSize = 500, clock = Date.now } = options;
  if (from === to) throw new InvalidOptionError("to", "must be another store than from");
  for (const [name, store] of Object.entries({ from, to })) {
    if (store.scan) continue;
    throw new InvalidOptionError(
      name,
      `cannot tell which sessions it has: the ${store.name} store has no scan()`,
    );
  }
  if (to.guarantees.slots) {
    throw new InvalidOptionError(
      "to",
      "needs ids of its own making, which no session of another store has (guarantees.slots). " +
        "Move when the old sessions have run out, or to a single server",
    );
  }
  if (typeof prune !== "boolean") throw new InvalidOptionError("prune", "must be true or false");
  if (!Number.isSafeInteger(pageSize) || pageSize < 1 || pageSize > LARGEST_PAGE) {
    throw new InvalidOptionError("pageSize", "must be a whole number from 1 to 10,000");
  }
  if (switchedAt !== null && !Number.isSafeInteger(switchedAt)) {
    throw new InvalidOptionError("switchedAt", "must be an instant in epoch milliseconds");
  }
  if (switchedAt !== null && switchedAt > clock()) {
    throw new InvalidOptionError("switchedAt", "is still to come: is it in the right time zone?");
  }
  if (switchedAt !== null && prune) {
    throw new InvalidOptionError("prune", "would end what began in `to` since the switch");
  }
  const timeoutMs = durationOption("storeTimeout", options.storeTimeout, 10_000);
  const { signal = null, onProgress = NOTHING_DONE } = options;
  return { prune, switchedAt, pageSize, timeoutMs, signal, onProgress, clock };
}
