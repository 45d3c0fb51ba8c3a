/** One session of `to` against `from`: whether it should still be there. */
import type { Ended, SessionRecord } from "../../core/record.ts";
import { type EndReason, StoreFault } from "../../errors.ts";
import type { Job, Outcome } from "./job.ts";

export async function checkOne(record: SessionRecord, job: Job): Promise<Outcome> {
  const { from, now, ask } = job;
  const found = await loadFrom();
  if (found === "unreadable") return "nothing";
  if (found !== null && !("ended" in found)) return "nothing";
  const reason = found?.ended ?? null;
  if (reason !== null && !hasRunOut(reason)) return end(reason);
  // Since the switch nobody uses `from`: everything runs out there, and what began in `to` was never there.
  if (job.switchedAt !== null) return "nothing";
  if (reason !== null) return end(reason);
  return job.prune ? end("revoked") : "extra";

  async function loadFrom(): Promise<SessionRecord | Ended | null | "unreadable"> {
    try {
      return await ask(now, (call) => from.load(record.id, call));
    } catch (error) {
      if (error instanceof StoreFault && error.kind === "damaged") return "unreadable";
      throw error;
    }
  }

  async function end(why: EndReason): Promise<Outcome> {
    const result = await ask(now, (call) => job.to.delete(record.id, why, call));
    return result === "deleted" ? "ended" : "nothing";
  }
}

function hasRunOut(reason: EndReason): boolean {
  return reason === "idle" || reason === "absolute";
}
