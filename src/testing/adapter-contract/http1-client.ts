/** A client for HTTP/1.1 (RFC 9112) on a bare socket, so that a test sees what is on the wire. */
import { connect, type Socket } from "node:net";
import type { Answer, AnswerHead, Client, ClientRequest, HeaderLine, LiveAnswer } from "./client.ts";

export interface Http1ClientOptions {
  readonly port: number;
  /** Default `localhost` with the port. */
  readonly host?: string;
}

export function http1Client({ port, host = `localhost:${port}` }: Http1ClientOptions): Client {
  const start = (request: ClientRequest): LiveHttp1Answer => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.write(textOf(request, host));
    return new LiveHttp1Answer(socket, request.method ?? "GET");
  };
  return {
    start,
    async send(request) {
      const live = start(request);
      const head = await live.head;
      let body = "";
      for (let piece = await live.next(); piece !== null; piece = await live.next()) body += piece;
      await live.expectEnd();
      return { ...head, body, trailers: live.trailers } satisfies Answer;
    },
  };
}

function textOf({ method = "GET", path, headers = [], body }: ClientRequest, host: string): string {
  const lines: HeaderLine[] = [...headers, ["connection", "close"]];
  if (!headers.some(([name]) => name === "host")) lines.unshift(["host", host]);
  if (body !== undefined) lines.push(["content-length", String(Buffer.byteLength(body))]);
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${path} HTTP/1.1\r\n${head}\r\n${body ?? ""}`;
}

class LiveHttp1Answer implements LiveAnswer {
  readonly head: Promise<AnswerHead>;
  readonly #socket: Socket;
  readonly #wire: Wire;
  readonly #body: AsyncGenerator<string, void>;
  trailers: readonly HeaderLine[] = [];

  constructor(socket: Socket, method: string) {
    this.#socket = socket;
    this.#wire = new Wire(socket);
    this.head = this.#readHead();
    this.head.catch(() => {}); // asked for later, or never by who aborts
    this.#body = this.#readBody(method);
  }

  async next(): Promise<string | null> {
    const { done, value } = await this.#body.next();
    return done ? null : value;
  }

  abort(): void {
    this.#socket.destroy();
  }

  async expectEnd(): Promise<void> {
    const excess = await this.#wire.rest();
    if (excess)
      throw new Error(`The server sent ${excess.length} bytes beyond its answer: ${excess.slice(0, 80)}`);
  }

  async #readHead(): Promise<AnswerHead> {
    const interim: number[] = [];
    for (;;) {
      const line = await this.#wire.line();
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(line)?.[1]);
      if (!status) throw new Error(`No status line: ${line}`);
      const headers = await this.#readFields();
      if (status >= 200 || status === 101) return { status, headers, interim };
      interim.push(status);
    }
  }

  async #readFields(): Promise<HeaderLine[]> {
    const fields: HeaderLine[] = [];
    for (let line = await this.#wire.line(); line !== ""; line = await this.#wire.line()) {
      const colon = line.indexOf(":");
      fields.push([line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]);
    }
    return fields;
  }

  async *#readBody(method: string): AsyncGenerator<string, void> {
    const { status, headers } = await this.head;
    if (method === "HEAD" || status === 204 || status === 304) return;
    const fields = new Map(headers);
    const length = fields.get("content-length");
    if (/\bchunked\b/i.test(fields.get("transfer-encoding") ?? "")) yield* this.#readChunks();
    else if (length !== undefined) yield await this.#wire.bytes(Number(length));
    else yield await this.#wire.rest();
  }

  async *#readChunks(): AsyncGenerator<string, void> {
    for (;;) {
      const size = Number.parseInt(await this.#wire.line(), 16);
      if (size === 0) break;
      yield await this.#wire.bytes(size);
      await this.#wire.line();
    }
    this.trailers = await this.#readFields();
  }
}

/** The bytes of a socket as one character each, in the pieces a parser asks for. */
class Wire {
  readonly #chunks: AsyncIterator<Buffer>;
  #text = "";

  constructor(socket: Socket) {
    this.#chunks = (socket as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#text.indexOf("\r\n");
      if (end >= 0) return this.#take(end, 2);
      if (!(await this.#more())) throw new Error("The answer was cut short.");
    }
  }

  async bytes(length: number): Promise<string> {
    while (this.#text.length < length) {
      if (!(await this.#more())) throw new Error("The answer was cut short.");
    }
    return this.#take(length, 0);
  }

  async rest(): Promise<string> {
    while (await this.#more());
    return this.#take(this.#text.length, 0);
  }

  #take(length: number, then: number): string {
    const taken = this.#text.slice(0, length);
    this.#text = this.#text.slice(length + then);
    return Buffer.from(taken, "latin1").toString("utf8");
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done) return false;
    this.#text += value.toString("latin1");
    return true;
  }
}
