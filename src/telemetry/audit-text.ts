/** Texts of others in a trail: whatever would end a line or move a cursor is spelt out (SECURITY A3). */

/** Controls, line and paragraph separators, invisible marks that turn text around, halves of pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`);
}
