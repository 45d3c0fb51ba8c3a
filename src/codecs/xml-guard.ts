/**
 * What is let through to the XML parser: elements with up to two attributes, and text. No DOCTYPE and so no entities, no
 * processing instructions, comments or CDATA, and no nesting deeper than asked for. Linear, without recursion.
 */
import { UndecodableError } from "../errors.ts";

/** A tag and the text behind it. */
const TAG = /<(?:(\/)[a-z]+|[a-z]+(?: [a-z0-9-]+="[^"<]*"){0,2}(\/)?)>[^<]*/y;

/** Throws `UndecodableError`. What passes may still be no XML: tags are not matched here. */
export function guardXml(text: string, maxLevels: number): void {
  let level = 0;
  let at = 0;
  while (at < text.length) {
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (!tag) throw new UndecodableError("it is not the XML this codec writes");
    at = TAG.lastIndex;
    if (tag[1] !== undefined) level--;
    else if (tag[2] === undefined) level++;
    if (level < 0 || level > maxLevels) throw new UndecodableError("it is nested too deep, or not at all");
  }
}
