/** Who holds a folder, as written in its lock, and what can be told about whether they still run. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** When the folder was taken, for people. */
  readonly since: string;
  /** Different for every holder there ever was. */
  readonly token: string;
  /** Which start of which machine, and which of its process tables, the pid belongs to; "" where unknown. */
  readonly boot: string;
  readonly processTable: string;
  /** When the process started, in ticks since the boot: tells it from a later one with its pid. "" where unknown. */
  readonly startedTicks: string;
  /** Whether it gave the folder back. */
  readonly released: boolean;
}

export type Verdict = "running" | "gone" | "unknown";

export function thisProcess(token: string): Holder {
  return {
    pid: process.pid,
    host: hostname(),
    since: new Date().toISOString(),
    token,
    boot: thisBoot(),
    processTable: thisProcessTable(),
    startedTicks: startOf(process.pid) ?? "",
    released: false,
  };
}

/** The boot's random name; "" on systems without one. */
export function thisBoot(): string {
  return firstOf(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim());
}

function thisProcessTable(): string {
  return firstOf(() => readlinkSync("/proc/self/ns/pid"));
}

/**
 * Sure only where it can be: for a pid of this very process table. A container or another machine has its own, where
 * the same number means another process.
 */
export function verdictOn(holder: Holder): Verdict {
  if (holder.released) return "gone";
  const table = thisProcessTable();
  if (table !== "" && holder.processTable === table && holder.boot === thisBoot()) {
    return startOf(holder.pid) === holder.startedTicks ? "running" : "gone";
  }
  const isWithoutTables = table === "" && holder.processTable === "" && holder.host === hostname();
  return isWithoutTables && !isPidInUse(holder.pid) ? "gone" : "unknown";
}

/** `null` when there is no such process, or only a dead one that nobody has asked about yet. */
function startOf(pid: number): string | null {
  const stat = firstOf(() => readFileSync(`/proc/${pid}/stat`, "utf8"));
  // The name of the program, in brackets, may hold anything; the fields after it are numbered from 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = ""] = fields;
  return stat === "" || state === "Z" || state === "X" ? null : (fields[19] ?? null);
}

function isPidInUse(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

function firstOf(read: () => string): string {
  try {
    return read();
  } catch {
    return ""; // not Linux
  }
}

export function formatHolder(holder: Holder): string {
  return `${JSON.stringify(holder, null, 2)}\n`;
}

/** `null` for what is no lock of ours, or one that is just being written. */
export function parseHolder(text: string): Holder | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  return isHolder(value) ? value : null;
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== "object" || value === null) return false;
  const fields = value as Record<string, unknown>;
  return (
    typeof fields.pid === "number" &&
    typeof fields.released === "boolean" &&
    ["host", "since", "token", "boot", "processTable", "startedTicks"].every(
      (name) => typeof fields[name] === "string",
    )
  );
}
