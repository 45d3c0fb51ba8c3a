/** Sends a neutral reply through Node's own response: for harnesses of frameworks that hand it out. */
import { once } from "node:events";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Reply, Shape } from "./app.ts";
import type { HeaderLine } from "./client.ts";

export const NODE_SHAPES: readonly Shape[] = [
  "end",
  "write, then end",
  "pipeline",
  "writeHead with an object",
  "writeHead with a flat array",
  "writeHead with an array of pairs",
  "writeHead with a message",
  "flushHeaders first",
];

/** What a reply needs of Node's response, of HTTP/1 or HTTP/2. */
export interface ReplyResponse extends Writable {
  statusCode: number;
  appendHeader(name: string, value: string): unknown;
  writeHead(statusCode: number, ...more: unknown[]): unknown;
  flushHeaders?(): void;
}

/** Resolves when the reply was handed over whole; rejects with what its body throws. */
export async function sendReply(response: ReplyResponse, reply: Reply): Promise<void> {
  const { status = 200, headers = [], body = "", shape = "end" } = reply;
  if (!shape.startsWith("writeHead")) {
    response.statusCode = status;
    for (const [name, value] of headers) response.appendHeader(name, value);
  } else if (shape.endsWith("flat array")) response.writeHead(status, headers.flat());
  else if (shape.endsWith("array of pairs")) response.writeHead(status, headers);
  else if (shape.endsWith("message")) response.writeHead(status, "Fine", grouped(headers));
  else response.writeHead(status, grouped(headers));

  if (shape === "flushHeaders first") response.flushHeaders?.();
  if (typeof body !== "string") await stream(response, body);
  else if (shape === "pipeline") await pipeline(Readable.from([body]), response);
  else if (shape === "write, then end") {
    response.write(body.slice(0, 1));
    response.end(body.slice(1));
  } else if (body === "") response.end();
  else response.end(body);
}

async function stream(response: ReplyResponse, pieces: AsyncIterable<string>): Promise<void> {
  const left = new AbortController();
  response.once("close", () => left.abort());
  response.flushHeaders?.(); // a listener is told that it is heard before there is anything to hear
  for await (const piece of pieces) {
    if (response.write(piece) || left.signal.aborted) continue;
    await once(response, "drain", { signal: left.signal }).catch(() => {});
  }
  response.end();
}

function grouped(headers: readonly HeaderLine[]): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const known = record[name];
    record[name] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return record;
}
