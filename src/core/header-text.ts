/** Small pieces of header text. */

const SPACE = 0x20;
const TAB = 0x09;

/**
 * The text between two offsets without spaces and tabs around it, which is all the whitespace HTTP knows (RFC 9110
 * section 5.6.3). `String.trim` also eats U+00A0 and more, which has let foreign cookies pass for ours (SECURITY D13).
 */
export function sliceTrimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Header texts go into messages and logs: short, and nothing a terminal acts on (SECURITY A3). */
export function printable(text: string | undefined): string {
  return (text ?? "none").slice(0, 60).replace(/[^\x20-\x7e]/g, "?");
}
