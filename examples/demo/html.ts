/** HTML from template literals: every value is escaped, unless it was made by `html` itself. */

const MADE_HERE = Symbol("html");

export interface Html {
  readonly [MADE_HERE]: string;
}

type Value = Html | string | number | null | undefined | false | readonly Value[];

export function html(strings: TemplateStringsArray, ...values: readonly Value[]): Html {
  const pieces = strings.map((text, at) => text + (at < values.length ? print(values[at]) : ""));
  return { [MADE_HERE]: pieces.join("") };
}

export function toText(page: Html): string {
  return page[MADE_HERE];
}

function print(value: Value): string {
  if (value === null || value === undefined || value === false) return "";
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  if (MADE_HERE in value) return value[MADE_HERE];
  return value.map(print).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
