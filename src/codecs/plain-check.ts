/** Whether a value is what JSON itself can carry: then encoding it needs no copy, which is nearly always. */
import type { CodecLimits } from "./contract.ts";
import { depthLimit, isPlainNumber, LONGEST_KEY } from "./copy-walk.ts";

/** `reserved` is a key that has a meaning of its own. Also `false` for whatever is to be refused. */
export function isPlainJson(value: unknown, reserved: string, limits: CodecLimits): boolean {
  const spent = new PlainCheck(reserved, limits.maxBytes);
  return spent.check(value, depthLimit(limits));
}

class PlainCheck {
  readonly #reserved: string;
  /** Every value takes some bytes; shared references count each time, so a web of them ends here. */
  #bytesLeft: number;

  constructor(reserved: string, maxBytes: number) {
    this.#reserved = reserved;
    this.#bytesLeft = maxBytes;
  }

  check(value: unknown, levels: number): boolean {
    switch (typeof value) {
      case "string":
        this.#bytesLeft -= value.length;
        return this.#bytesLeft >= 0;
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
      if (!this.check(fields[key], levels)) return false;
    }
    return this.#bytesLeft >= 0;
  }
}
