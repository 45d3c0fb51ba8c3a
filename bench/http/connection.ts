// As much of HTTP/1.1 as a load of small answers needs, and as little: a client that takes more CPU than the server would
// be what is measured.
import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  /** The lines before the body. */
  readonly head: string;
  readonly body: string;
}

/** Told of each answer: its status, where its head ends, and all of its bytes. */
type Listen = (status: number, headEnds: number, bytes: Buffer, bodyEnds: number) => void;

const BREAK = "\r\n\r\n";
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
const LAST_CHUNK = `\r\n0${BREAK}`;

/** One connection that is kept, with one request on its way at a time. */
export class Connection {
  readonly #socket: Socket;
  #bytes: Buffer = Buffer.alloc(0);
  #listen: Listen = () => {};
  #fail: (error: Error) => void = () => {};

  constructor(port: number) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.setNoDelay(true);
    this.#socket.on("data", (bytes) => this.#take(bytes));
    this.#socket.on("error", (error) => this.#fail(error));
    this.#socket.on("close", () => this.#fail(new Error("the server closed the connection")));
  }

  send(request: Buffer, listen: Listen, fail: (error: Error) => void): void {
    this.#listen = listen;
    this.#fail = fail;
    this.#socket.write(request);
  }

  ask(request: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const listen: Listen = (status, headEnds, bytes, bodyEnds) => {
        const head = bytes.toString("latin1", 0, headEnds);
        const body = bytes.toString("utf8", headEnds + BREAK.length, bodyEnds);
        resolve({ status, head, body: CONTENT_LENGTH.test(head) ? body : joined(body) });
      };
      this.send(request, listen, reject);
    });
  }

  close(): void {
    this.#fail = () => {};
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? bytes : Buffer.concat([this.#bytes, bytes]);
    const all = this.#bytes;
    const headEnds = all.indexOf(BREAK);
    if (headEnds < 0) return;
    const head = all.toString("latin1", 0, headEnds);
    const bodyEnds = endOfBody(all, head, headEnds + BREAK.length);
    if (bodyEnds > all.length || bodyEnds < 0) return;
    this.#bytes = Buffer.alloc(0);
    this.#listen(Number(head.slice(9, 12)), headEnds, all, bodyEnds);
  }
}

/** Negative while it cannot be known. */
function endOfBody(all: Buffer, head: string, bodyStarts: number): number {
  const length = CONTENT_LENGTH.exec(head)?.[1];
  if (length !== undefined) return bodyStarts + Number(length);
  return all.subarray(-LAST_CHUNK.length).equals(Buffer.from(LAST_CHUNK)) ? all.length : -1;
}

/** What came in chunks, each with its length in front. */
function joined(chunks: string): string {
  return chunks
    .split("\r\n")
    .filter((_part, index) => index % 2 === 1)
    .join("");
}
