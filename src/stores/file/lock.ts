/**
 * One process per folder: `lock-1`, `lock-2` and so on, of which the highest number names the holder. See
 * docs/decisions/010-file-lock.md for why.
 *
 * A folder is taken by making the next number, which only one can do, and only when the holder of the highest is gone.
 * A lock is never removed but by the holder of a higher one, and giving back is a note inside it. So the highest number
 * never goes down, and a process that judged an old holder long ago finds its number used, or itself not the highest.
 */

import { randomBytes } from "node:crypto";
import {
  linkSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { StoreFault } from "../../errors.ts";
import { codeOf, isAbsent } from "./faults.ts";
import { formatHolder, type Holder, parseHolder, thisProcess, verdictOn } from "./holder.ts";

export interface Rhythm {
  /** How often a holder shows that it lives. */
  readonly beatMs: number;
  /** After this long without a sign, a holder of whom nothing else is known counts as gone. */
  readonly silenceMs: number;
}

const RHYTHM: Rhythm = { beatMs: 2000, silenceMs: 8000 };

export interface Lock {
  /** Who held the folder before; `null` at the first time. */
  readonly previous: Holder | null;
  /** Whether the folder is still ours. */
  isHeld(): boolean;
  release(): void;
}

/** Takes the folder, or throws `StoreFault` naming who has it. Waits only where nothing but time can tell. */
export async function takeFolder(
  folder: string,
  signal?: AbortSignal,
  rhythm: Rhythm = RHYTHM,
): Promise<Lock> {
  const self = thisProcess(randomBytes(12).toString("base64url"));
  for (;;) {
    const highest = Math.max(0, ...numbersIn(folder));
    const previous = highest === 0 ? null : readHolder(folder, highest);
    if (highest > 0 && !(await isGone(folder, highest, previous, rhythm, signal)))
      throw inUse(folder, previous);
    if (signal?.aborted) throw new StoreFault("timeout", `File store ${folder}: the time to open it is up.`);
    if (!makeLock(folder, highest + 1, self)) continue; // another was first; see who
    const others = numbersIn(folder);
    if (Math.max(...others) > highest + 1) {
      rmSync(pathOf(folder, highest + 1)); // what we saw was long past
      continue;
    }
    for (const number of others) if (number <= highest) rmSync(pathOf(folder, number), { force: true });
    return hold(folder, highest + 1, self, previous, rhythm);
  }
}

function hold(folder: string, number: number, self: Holder, previous: Holder | null, rhythm: Rhythm): Lock {
  const path = pathOf(folder, number);
  const beat = setInterval(() => {
    try {
      const now = new Date();
      utimesSync(path, now, now);
    } catch {
      // Lost, or the disk fails: the next operation says so.
    }
  }, rhythm.beatMs);
  beat.unref();
  return {
    previous,
    isHeld: () => statSync(path, { throwIfNoEntry: false }) !== undefined,
    release() {
      clearInterval(beat);
      const draft = join(folder, `release-${self.token}`);
      writeFileSync(draft, formatHolder({ ...self, released: true }), { mode: 0o600 });
      // Not if it was lost meanwhile: that would bring it back.
      if (statSync(path, { throwIfNoEntry: false })) renameSync(draft, path);
      else rmSync(draft);
    },
  };
}

/** Only one process can make a number. It is there with all that is in it, so that nobody reads half a name. */
function makeLock(folder: string, number: number, self: Holder): boolean {
  const draft = join(folder, `claim-${self.token}`);
  writeFileSync(draft, formatHolder(self), { mode: 0o600 });
  try {
    linkSync(draft, pathOf(folder, number));
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"].includes(codeOf(error))) throw error;
    return makeWithoutLinks(pathOf(folder, number), self);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** On file systems without links. What is half written shows nobody's name, and then the silence decides. */
function makeWithoutLinks(path: string, self: Holder): boolean {
  try {
    writeFileSync(path, formatHolder(self), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Whether the holder is gone for good. Where the pid cannot tell, its beat does: watched, if need be, for a while. */
async function isGone(
  folder: string,
  number: number,
  holder: Holder | null,
  { beatMs, silenceMs }: Rhythm,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const verdict = holder === null ? "unknown" : verdictOn(holder);
  if (verdict !== "unknown") return verdict === "gone";
  const seen = beatOf(folder, number);
  if (seen === null) return true; // someone else has taken over; the next round sees who
  if (Date.now() - seen > 4 * silenceMs) return true;
  const until = performance.now() + silenceMs;
  while (performance.now() < until && !signal?.aborted) {
    await pause(beatMs / 4);
    if (beatOf(folder, number) !== seen) return false;
  }
  return !signal?.aborted;
}

function beatOf(folder: string, number: number): number | null {
  return statSync(pathOf(folder, number), { throwIfNoEntry: false })?.mtimeMs ?? null;
}

function readHolder(folder: string, number: number): Holder | null {
  try {
    return parseHolder(readFileSync(pathOf(folder, number), "utf8"));
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

function numbersIn(folder: string): number[] {
  return readdirSync(folder)
    .map((name) => /^lock-([1-9]\d{0,14})$/.exec(name)?.[1])
    .filter((number) => number !== undefined)
    .map(Number);
}

function pathOf(folder: string, number: number): string {
  return join(folder, `lock-${number}`);
}

function inUse(folder: string, holder: Holder | null): StoreFault {
  const who = holder ? `process ${holder.pid} on ${holder.host}, since ${holder.since}` : "another process";
  const isOwn = holder?.pid === process.pid && verdictOn(holder) === "running";
  const advice = isOwn
    ? "That is this very process: close the other store on it first."
    : "A folder serves one process at a time; for several, use sqliteStore.";
  return new StoreFault("unavailable", `File store ${folder}: in use by ${who}. ${advice}`);
}
