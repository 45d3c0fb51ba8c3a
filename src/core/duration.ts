/** Durations: `"30m"` or milliseconds, parsed once when options are read. */
import { InvalidArgumentError, InvalidOptionError } from "../errors.ts";
import type { Duration } from "./types.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const PATTERN = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;

/** Ten years: longer is surely a mistake of unit. */
const LONGEST_MS = 3650 * 86_400_000;

/** The milliseconds of a duration; a sentence about what is wrong with it otherwise. */
function measure(value: unknown): number | string {
  let ms: number;
  if (typeof value === "number") ms = value;
  else {
    const match = typeof value === "string" ? PATTERN.exec(value) : null;
    if (!match)
      return `${JSON.stringify(value) ?? typeof value} is not a duration such as "30m" or 1800000 (milliseconds)`;
    ms = Number(match[1]) * (UNITS[match[2] ?? ""] ?? Number.NaN);
  }
  if (!Number.isFinite(ms) || ms < 1) return "a duration must be at least 1 ms";
  if (ms > LONGEST_MS) return "a duration of more than ten years is surely meant otherwise";
  return Math.round(ms);
}

/** Milliseconds for an option. Throws `InvalidOptionError` naming it. */
export function durationOption(option: string, value: Duration | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  const ms = measure(value);
  if (typeof ms === "string") throw new InvalidOptionError(option, ms);
  return ms;
}

/** Milliseconds for an argument of a call. Throws `InvalidArgumentError` naming it. */
export function durationArgument(name: string, value: Duration | undefined, fallback: number): number {
  if (value === undefined) return fallback;
  const ms = measure(value);
  if (typeof ms === "string") throw new InvalidArgumentError(`${name}: ${ms}.`);
  return ms;
}

/** As people would write it: `30m` for 1800000, and `24h` rather than `1d`. */
export function spellDuration(ms: number): string {
  const units = Object.entries(UNITS).toReversed();
  const [unit, size] = units.find(([unit, size]) => ms % size === 0 && (unit !== "d" || ms > size)) ?? [
    "ms",
    1,
  ];
  return `${ms / size}${unit}`;
}
