/** Small pieces of header text. */

const SPACE = 0x20;
const TAB = 0x09;

/**
 * The text between two offsets without spaces and tabs around it, which is all the whitespace HTTP knows (RFC 9110
 * section 5.6.3). `String.trim` also eats U+00A0 and more, which has let foreign cookies pass for ours (SECURITY D13).
 */
export function sliceTrimmed(text: string, from: number, to: number): string {
  const start = skipBlanks(text, from, to);
  return text.slice(start, skipBlanksBack(text, start, to));
}

/** The first offset from `from` on that is no blank, or `to`. */
export function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isBlank(text.charCodeAt(at))) at++;
  return at;
}

/** The offset behind the last one before `to` that is no blank, or `from`. */
export function skipBlanksBack(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Header texts go into messages and logs: short, and nothing a terminal acts on (SECURITY A3). */
export function printable(text: string | undefined, longest: number = 60): string {
  return (text ?? "none").slice(0, longest).replace(/[^\x20-\x7e]/g, "?");
}
