/**
 * One session of `from` into `to`. While `to` is not in use, `from` has the last word. Since the switch, `to` has it
 * for whatever was used there since.
 */
import type { Instant, SessionRecord } from "../../core/record.ts";
import { InvalidOptionError } from "../../errors.ts";
import type { Job, Outcome } from "./job.ts";

export async function copyOne(record: SessionRecord, job: Job): Promise<Outcome> {
  const { to, ask } = job;
  for (;;) {
    const found = await ask(asOf(record.createdAt, job), (call) => to.load(record.id, call));
    if (found === null) {
      const outcome = await create(record, job);
      if (outcome === "again") continue;
      return outcome;
    }
    if ("ended" in found) return "kept";
    const isNewer = found.seenAt > record.seenAt;
    if (job.switchedAt === null && isNewer) throw inUse();
    if (isNewer || (job.switchedAt !== null && found.seenAt >= job.switchedAt)) return "kept";
    if (isSame(found, record)) return "unchanged";
    // A save with the version that is there moves deadlines on as well.
    const then = asOf(lastInstantOf(found), job);
    const saved = await ask(then, (call) => to.save(record, found.version, call));
    if (saved === "saved") return "updated";
    if (saved === "gone") return "kept";
  }
}

/** `revoked`: the user was signed out in `to` after this session began. */
async function create(record: SessionRecord, { to, now, ask }: Job): Promise<Outcome | "again"> {
  const since = { startedAt: record.createdAt };
  const result = await ask(now, (call) => to.create(record, { ...call, since }));
  if (result.ok) return "copied";
  return result.reason === "collision" ? "again" : "kept";
}

/**
 * While nobody uses `to`, sessions there are not used either, and must not run out for that: it is asked as of an
 * instant at which the session was live.
 */
function asOf(then: Instant, { now, switchedAt }: Job): Instant {
  return switchedAt === null ? Math.min(now, then) : now;
}

function lastInstantOf({ idleUntil, absoluteUntil }: SessionRecord): Instant {
  return Math.min(idleUntil, absoluteUntil) - 1;
}

function isSame(found: SessionRecord, record: SessionRecord): boolean {
  return (
    found.version === record.version && found.seenAt === record.seenAt && found.idleUntil === record.idleUntil
  );
}

function inUse(): InvalidOptionError {
  return new InvalidOptionError(
    "switchedAt",
    "must say since when `to` is in use: a session was used there after it was used in `from`. " +
      "Or the two stores are the wrong way round",
  );
}
