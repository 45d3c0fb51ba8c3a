/** Takes a folder and makes it ready: lock, folders, key, schedules; and sets right what a crash left. */
import { mkdirSync, statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { StoreFault } from "../../errors.ts";
import { TOMBSTONE_MS } from "../contract.ts";
import { Disk } from "./disk.ts";
import { thisBoot } from "./holder.ts";
import { type Identity, identify } from "./identity.ts";
import { type Lock, takeFolder } from "./lock.ts";
import { storedIds } from "./many.ts";
import { Marks } from "./marks.ts";
import { Operations } from "./operations.ts";
import { loadSchedules, type Schedules } from "./schedule.ts";
import { DAMAGED, isEnded, Sessions, subjectOf } from "./sessions.ts";

export interface OpenFolder {
  readonly disk: Disk;
  readonly lock: Lock;
  /** Throws when the folder is not ours any more. */
  readonly mustHold: () => void;
  readonly identity: Identity;
  readonly schedules: Schedules;
  readonly ops: Operations;
  readonly warnings: readonly string[];
}

/** There while the index may be incomplete. */
const UNCHECKED = "unchecked";

export async function openFolder(
  folder: string,
  isFlushed: boolean,
  signal: AbortSignal | undefined,
): Promise<OpenFolder> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = await takeFolder(folder, signal);
  try {
    const disk = new Disk(folder, isFlushed);
    disk.prepare(["sessions", "users", "due", "left", "marks"]);
    const identity = identify(disk);
    const schedules = loadSchedules(disk);
    const mustHold = (): void => {
      if (!lock.isHeld()) throw lostFolder(folder);
    };
    const sessions = new Sessions(disk, schedules, identity);
    const ops = new Operations(folder, sessions, new Marks(disk, schedules.leftovers), mustHold);
    if (identity.isNew || isDoubtful(lock)) disk.mark(UNCHECKED);
    if (disk.has(UNCHECKED)) await reindex(disk, schedules, ops, identity.isNew);
    return { disk, lock, mustHold, identity, schedules, ops, warnings: warningsAbout(disk) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** After a power failure the disk may have kept a session and lost what points to it. A killed process loses nothing. */
function isDoubtful({ previous }: Lock): boolean {
  if (previous === null) return true;
  return !previous.released && (previous.boot === "" || previous.boot !== thisBoot());
}

/** Makes every hint again from the sessions themselves, and sets aside what cannot be read. */
async function reindex(
  disk: Disk,
  { leftovers }: Schedules,
  ops: Operations,
  isKeyNew: boolean,
): Promise<void> {
  if (isKeyNew) {
    for (const hints of ["users", "marks"]) {
      disk.removeAll(hints);
      disk.makeFolder(hints);
    }
  }
  let steps = 0;
  for (const id of storedIds(disk)) {
    const entry = ops.sessions.read(id);
    if (!entry) continue;
    if ("damage" in entry) ops.sessions.setAside(id);
    else if (isEnded(entry)) leftovers.add(subjectOf(id), entry.at + TOMBSTONE_MS);
    else ops.sessions.index(entry.record);
    if (++steps % 100 === 0) await nextTurn();
  }
  ops.marks.reschedule();
  disk.remove(UNCHECKED);
}

function warningsAbout(disk: Disk): string[] {
  const warnings: string[] = [];
  const damaged = disk.list(DAMAGED).length;
  if (damaged > 0) {
    warnings.push(
      `File store ${disk.folder}: ${damaged} damaged session files were set aside in its folder "${DAMAGED}". ` +
        "Their sessions are lost. Look for a failing disk, then delete them.",
    );
  }
  if (process.platform !== "win32" && (statSync(disk.folder).mode & 0o077) !== 0) {
    warnings.push(
      `File store ${disk.folder}: other users of this machine may enter the folder. Run chmod 700 on it.`,
    );
  }
  return warnings;
}

function lostFolder(folder: string): StoreFault {
  return new StoreFault(
    "unavailable",
    `File store ${folder}: its lock is gone. The folder was removed, or another process has taken it over.`,
  );
}
