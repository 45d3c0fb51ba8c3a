/** Parses bytes that were scanned. */
import { UndecodableError } from "../errors.ts";
import type { JsonScan } from "./json-scan.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws `UndecodableError`, also for `__proto__` where a key is written with a backslash. */
export function parseJson(bytes: Uint8Array, { hasEscapedKey }: JsonScan): unknown {
  try {
    const text = utf8.decode(bytes);
    const value = JSON.parse(text) as unknown;
    return hasEscapedKey ? rebuilt(JSON.parse(withoutKeys(text)) as unknown) : value;
  } catch (error) {
    if (error instanceof UndecodableError) throw error;
    // No cause: the parser's message quotes the data.
    throw new UndecodableError("it is not valid JSON in UTF-8");
  }
}

/**
 * V8 from 12.8 on takes a key that is written with a backslash for another one it has met before: `{"a":1,"\n":2}` comes
 * back with the key `\` (nodejs/node#63785). Values are read well. So objects become lists of an empty object, as mark,
 * and then key, value, key, value. The text is valid JSON; a list that begins with an object begins with a list by now.
 */
function withoutKeys(text: string): string {
  return text.replace(/"(?:[^"\\]+|\\.)*"|\{\s*\}|[{}:]/g, (token) => REPLACED.get(token) ?? replaced(token));
}

const REPLACED: ReadonlyMap<string, string> = new Map([
  ["{", "[{},"],
  ["}", "]"],
  [":", ","],
]);

function replaced(token: string): string {
  return token.startsWith("{") ? "[{}]" : token;
}

function rebuilt(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const [mark] = value as unknown[];
  if (typeof mark !== "object" || mark === null || Array.isArray(mark)) return value.map(rebuilt);
  const fields: Record<string, unknown> = {};
  for (let index = 1; index < value.length; index += 2) {
    const key = String(value[index]);
    if (key === "__proto__") throw new UndecodableError("a key is not allowed");
    fields[key] = rebuilt(value[index + 1]);
  }
  return fields;
}
