/** A body parser as small as can be: forms only. */
import type { Readable } from "node:stream";

export interface Parsed {
  body?: Record<string, string>;
}

/** Reads a urlencoded body into `request.body`, as body parsers do. */
export async function parseForm(
  request: Readable & Parsed & { readonly headers: { readonly "content-type"?: string | undefined } },
): Promise<void> {
  if (request.headers["content-type"] !== "application/x-www-form-urlencoded") return;
  let text = "";
  for await (const chunk of request) text += String(chunk);
  request.body = fieldsOf(text);
}

export function fieldsOf(text: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(text));
}
