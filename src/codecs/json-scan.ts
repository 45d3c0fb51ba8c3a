/** What must be known of JSON text before it is parsed, and cannot be seen afterwards: one pass, no recursion. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const CASE_BIT = 0x20; // makes "[" into "{" and "]" into "}"
const OPEN = 0x7b;
const CLOSE = 0x7d;

export interface JsonScan {
  /** Deepest nesting. On text that is no JSON, at least as deep as a parser gets before it notices. */
  readonly depth: number;
  /** Keys as written, so a key that comes twice counts twice. */
  readonly keys: number;
  /** Whether some key is written with a backslash. */
  readonly hasEscapedKey: boolean;
}

export function scanJson(bytes: Uint8Array): JsonScan {
  const end = bytes.length;
  let depth = 0;
  let deepest = 0;
  let keys = 0;
  let isEscaped = false; // the text met last
  let hasEscapedKey = false;
  for (let at = 0; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) {
      isEscaped = false;
      // To the closing quote; in a function of its own this loop takes twice the time.
      for (at++; at < end; at++) {
        const inner = bytes[at];
        if (inner === QUOTE) break;
        if (inner === BACKSLASH) {
          isEscaped = true;
          at++;
        }
      }
    } else if (byte === COLON) {
      keys++;
      if (isEscaped) hasEscapedKey = true;
    } else if ((byte | CASE_BIT) === OPEN) {
      depth++;
      if (depth > deepest) deepest = depth;
    } else if ((byte | CASE_BIT) === CLOSE) {
      depth--;
    }
  }
  return { depth: deepest, keys, hasEscapedKey };
}
