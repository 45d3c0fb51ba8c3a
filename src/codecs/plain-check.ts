/** Whether a value is what JSON itself can carry: then encoding it needs no copy, which is nearly always. */
import type { CodecLimits } from "./contract.ts";
import { depthLimit, isPlainNumber, LONGEST_KEY } from "./copy-walk.ts";

export interface PlainRules {
  /** A key that has a meaning of its own. */
  readonly reserved?: string;
  /** Text with lone surrogates is not plain. Default `false`. */
  readonly wellFormed?: boolean;
}

/** Also `false` for whatever is to be refused. */
export function isPlainJson(value: unknown, limits: CodecLimits, rules: PlainRules = {}): boolean {
  return new PlainCheck(rules, limits.maxBytes).check(value, depthLimit(limits));
}

class PlainCheck {
  readonly #reserved: string | undefined;
  readonly #wellFormed: boolean;
  /** Every value takes some bytes; shared references count each time, so a web of them ends here. */
  #bytesLeft: number;

  constructor(rules: PlainRules, maxBytes: number) {
    this.#reserved = rules.reserved;
    this.#wellFormed = rules.wellFormed ?? false;
    this.#bytesLeft = maxBytes;
  }

  check(value: unknown, levels: number): boolean {
    switch (typeof value) {
      case "string":
        this.#bytesLeft -= value.length;
        return this.#bytesLeft >= 0 && (!this.#wellFormed || value.isWellFormed());
      case "number":
        return isPlainNumber(value);
      case "boolean":
        return true;
      case "object":
        return value === null || (levels > 0 && this.#checkInner(value, levels - 1));
      default:
        return false;
    }
  }

  #checkInner(value: object, levels: number): boolean {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype === Array.prototype && Array.isArray(value)) {
      this.#bytesLeft -= value.length;
      if (this.#bytesLeft < 0) return false;
      for (const inner of value) if (!this.check(inner, levels)) return false;
      return true;
    }
    if (prototype !== Object.prototype && prototype !== null) return false;
    const fields = value as Record<string, unknown>;
    for (const key of Object.keys(fields)) {
      this.#bytesLeft -= key.length + 3;
      if (key === this.#reserved || key === "__proto__" || key.length > LONGEST_KEY) return false;
      if (this.#wellFormed && !key.isWellFormed()) return false;
      if (!this.check(fields[key], levels)) return false;
    }
    return this.#bytesLeft >= 0;
  }
}
