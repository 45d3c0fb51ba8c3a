/** Small checks that options are made of: known keys, and one of a few words. */
import { InvalidOptionError } from "../errors.ts";

/** Throws for any key that is not known, naming it and what there is. */
export function refuseUnknownKeys(value: unknown, known: readonly string[], prefix: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new InvalidOptionError(prefix || "options", "must be an object");
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      throw new InvalidOptionError(
        prefix ? `${prefix}.${key}` : key,
        `is not known. There is: ${known.join(", ")}`,
      );
    }
  }
}

export function oneOf<T extends string>(
  option: string,
  value: T | undefined,
  words: readonly T[],
  fallback: T,
): T {
  if (value === undefined) return fallback;
  if (!words.includes(value)) throw new InvalidOptionError(option, `must be one of ${words.join(", ")}`);
  return value;
}
