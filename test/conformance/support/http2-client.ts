/** The contract's client over HTTP/2 with prior knowledge: a connection for each request, as a stranger would come. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { type ClientHttp2Stream, connect, constants, type OutgoingHttpHeaders } from "node:http2";
import type {
  Answer,
  AnswerHead,
  Client,
  ClientRequest,
  HeaderLine,
  LiveAnswer,
} from "../../../src/testing/index.ts";

/** Repeats what must come once, as a stranger may; @types/node knows the first for servers only, the second is the default. */
const LENIENT = { strictSingleValueFields: false, peerMaxConcurrentStreams: 100 };

export function http2Client(port: number): Client {
  const start = (request: ClientRequest): LiveHttp2Answer => {
    const session = connect(`http://127.0.0.1:${port}`, LENIENT);
    session.on("error", () => {}); // the stream tells
    const stream = session.request(headersOf(request, port), { endStream: request.body === undefined });
    if (request.body !== undefined) stream.end(request.body);
    stream.once("close", () => session.close());
    return new LiveHttp2Answer(stream);
  };
  return {
    start,
    async send(request) {
      const live = start(request);
      const head = await live.head;
      let body = "";
      for (let piece = await live.next(); piece !== null; piece = await live.next()) body += piece;
      return { ...head, body, trailers: live.trailers } satisfies Answer;
    },
  };
}

function headersOf(
  { method = "GET", path, headers = [], body }: ClientRequest,
  port: number,
): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = {
    ":method": method,
    ":path": path,
    ":scheme": "http",
    ":authority": `localhost:${port}`,
    // As browsers do. Body parsers of Koa's read no body without it.
    ...(body !== undefined && { "content-length": String(Buffer.byteLength(body)) }),
  };
  for (const [name, value] of headers) {
    const key = name === "host" ? ":authority" : name;
    const known = key === ":authority" ? undefined : fields[key];
    fields[key] = known === undefined ? value : [...(Array.isArray(known) ? known : [known]), value];
  }
  return fields;
}

class LiveHttp2Answer implements LiveAnswer {
  readonly head: Promise<AnswerHead>;
  readonly #stream: ClientHttp2Stream;
  readonly #pieces: AsyncIterator<string>;
  trailers: readonly HeaderLine[] = [];

  constructor(stream: ClientHttp2Stream) {
    this.#stream = stream;
    stream.setEncoding("utf8");
    this.head = this.#readHead();
    this.head.catch(() => {}); // asked for later, or never by who aborts
    stream.on("error", () => {});
    stream.once("trailers", (fields) => {
      this.trailers = Object.entries(fields).map(([name, value]) => [name, String(value)] as const);
    });
    this.#pieces = (stream as AsyncIterable<string>)[Symbol.asyncIterator]();
  }

  async next(): Promise<string | null> {
    const { done, value } = await this.#pieces.next();
    if (!done) return value;
    if (this.#stream.rstCode !== constants.NGHTTP2_NO_ERROR) throw new Error("The answer was cut short.");
    return null;
  }

  abort(): void {
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  async #readHead(): Promise<AnswerHead> {
    const interim: number[] = [];
    this.#stream.on("headers", (fields) => interim.push(Number(fields[":status"])));
    const [fields, , raw] = (await once(this.#stream, "response")) as [
      Record<string, unknown>,
      number,
      string[],
    ];
    const headers: HeaderLine[] = [];
    for (let at = 0; at < raw.length; at += 2) {
      const name = raw[at] ?? "";
      if (!name.startsWith(":")) headers.push([name, raw[at + 1] ?? ""]);
    }
    return { status: Number(fields[":status"]), headers, interim };
  }
}
