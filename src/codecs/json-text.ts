/** Parses bytes that were scanned. */
import { UndecodableError } from "../errors.ts";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Throws `UndecodableError`. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes)) as unknown;
  } catch {
    // No cause: the parser's message quotes the data.
    throw new UndecodableError("it is not valid JSON in UTF-8");
  }
}
