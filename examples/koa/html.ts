/** HTML from template literals. What is put in is escaped, unless `html` made it. */

export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Part = Html | string | readonly Html[];

export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(String.raw({ raw: strings }, ...parts.map(textOf)));
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (typeof part !== "string") return part.map(textOf).join("");
  return part.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
