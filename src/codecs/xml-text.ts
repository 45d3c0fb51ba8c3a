/** Text between XML and JavaScript: what has to be escaped, and what XML 1.0 has no way to hold. */

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["\t", "&#9;"],
  ["\n", "&#10;"],
  ["\r", "&#13;"],
]);
const UNESCAPES: ReadonlyMap<string, string> = new Map(
  [...ESCAPES].map(([text, reference]) => [reference, text]),
);

/** XML 1.0 section 2.2. Lone surrogates are no characters either. */
const NO_XML = /[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

export function isXmlText(text: string): boolean {
  return !NO_XML.test(text);
}

/** Every reader turns a CR into a LF, unless it is a reference (section 2.11). */
export function escapeText(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => ESCAPES.get(character) ?? character);
}

/** In attributes every reader turns tabs and line ends into blanks (section 3.3.3). */
export function escapeAttribute(text: string): string {
  return text.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES.get(character) ?? character);
}

/** Only the references this codec writes; others stay as they are, and are noticed. */
export function readReferences(text: string): string {
  return text.replace(
    /&(?:amp|lt|gt|quot|#9|#10|#13);/g,
    (reference) => UNESCAPES.get(reference) ?? reference,
  );
}

/** UTF-16, little-endian, in base64: keeps whatever a JavaScript text may hold. */
export function toBase64Text(text: string): string {
  return Buffer.from(text, "utf16le").toString("base64");
}

export function fromBase64Text(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf16le");
}
