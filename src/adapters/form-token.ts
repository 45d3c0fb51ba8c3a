/**
 * The `_csrf` field of a form body, read from a copy so that the handler finds its body untouched. Only the first part
 * is looked at: put the field before any files, or send the X-CSRF-Token header.
 */
import { LONGEST_TEXT } from "../csrf/several.ts";

const FIELD = "_csrf";
const LIMIT = 1024 * 1024;

/** `undefined` for another content type, a body already used, and a field that is absent or beyond the first MiB. */
export async function readFormToken(request: Request): Promise<string | undefined> {
  const type = request.headers.get("content-type") ?? "";
  const isMultipart = /^multipart\/form-data\b/i.test(type);
  if (!isMultipart && !/^application\/x-www-form-urlencoded\b/i.test(type)) return undefined;
  if (!request.body || request.bodyUsed) return undefined;
  const find = isMultipart ? findInMultipart : findInUrlencoded;
  return readUntil(request.clone().body, find);
}

type Find = (text: string, isWhole: boolean) => string | undefined;

async function readUntil(body: ReadableStream<Uint8Array> | null, find: Find): Promise<string | undefined> {
  if (!body) return undefined;
  const reader = body.getReader();
  const decoder = new TextDecoder("latin1"); // one character per byte: tokens are ASCII, and files are not text
  let text = "";
  let nextLook = 4096;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (value) text += decoder.decode(value, { stream: true });
      if (text.length > LIMIT) return find(text.slice(0, LIMIT), false);
      if (done) return find(text, true);
      if (text.length < nextLook) continue; // looking at every doubling keeps a drip-fed body linear
      nextLook = text.length * 2;
      const token = find(text, false);
      if (token !== undefined) return token;
    }
  } catch {
    return undefined; // the client went away; the handler will meet the same error
  } finally {
    // One half of a tee settles its cancellation only with the other half, so this is not awaited.
    reader.cancel().catch(() => {});
  }
}

function findInUrlencoded(text: string, isWhole: boolean): string | undefined {
  const complete = isWhole ? text : text.slice(0, text.lastIndexOf("&") + 1);
  return new URLSearchParams(complete).get(FIELD) ?? undefined;
}

/** RFC 7578: the part's headers, an empty line, the value, a line break and the boundary. */
function findInMultipart(text: string): string | undefined {
  const found =
    /\r\nContent-Disposition: *form-data; *name="_csrf"(?:\r\n[^\r\n]+)*\r\n\r\n([^\r\n]*)\r\n--/i.exec(text);
  const value = found?.[1];
  return value !== undefined && value.length <= LONGEST_TEXT ? value : undefined;
}
