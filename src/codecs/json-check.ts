/** Whether parsed JSON is what plain JSON writes. The text was scanned before, so the stack cannot run out. */
import { UndecodableError } from "../errors.ts";
import { LONGEST_KEY } from "./copy-walk.ts";

export class JsonCheck {
  /** Keys of all objects met; fewer than the text has when one came twice. */
  keys = 0;

  /** Throws `UndecodableError` for `__proto__`, a key too long and a number beyond the largest. */
  check(value: unknown): void {
    if (typeof value === "number" && !Number.isFinite(value))
      throw new UndecodableError("a number is too large");
    if (typeof value !== "object" || value === null) return;
    if (Array.isArray(value)) {
      for (const inner of value) this.check(inner);
      return;
    }
    const fields = value as Readonly<Record<string, unknown>>;
    for (const key of Object.keys(fields)) {
      if (key === "__proto__" || key.length > LONGEST_KEY) throw new UndecodableError("a key is not allowed");
      this.keys++;
      this.check(fields[key]);
    }
  }
}
