/** Where in a value something sits, written as one would write it in code: `cart[3].when`, `cart.get("a b")`. */

/** A key, an index, or the key or value of an entry of a Map or Set, by its index and, for values, by its key. */
export type Step =
  | string
  | number
  | { readonly of: "key" | "value"; readonly index: number; readonly key?: unknown };

const LONGEST_STEP = 40;
const LONGEST_PATH = 300;
const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** `root` with the steps behind it. A root of several words is set apart: `session data: cart[3]`. */
export function writePath(root: string, steps: readonly Step[]): string {
  const rest = steps.map(writeStep).join("");
  const path = root.includes(" ") && rest !== "" ? `${root}: ${rest.replace(/^\./, "")}` : root + rest;
  return path.length <= LONGEST_PATH ? path : `${path.slice(0, 200)}...${path.slice(-90)}`;
}

function writeStep(step: Step): string {
  if (typeof step === "number") return `[${step}]`;
  if (typeof step === "object") {
    return typeof step.key === "string" ? `.get(${quote(step.key)})` : `.${step.of}s()[${step.index}]`;
  }
  if (step.length <= LONGEST_STEP && IDENTIFIER.test(step)) return `.${step}`;
  return `[${quote(step)}]`;
}

/** A text in quotes, shortened, in ASCII without control characters. */
export function quote(text: string): string {
  const short = text.length > LONGEST_STEP ? `${text.slice(0, LONGEST_STEP)}...` : text;
  return JSON.stringify(short).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
