/**
 * A Node response while a commit is under way: what the handler does to it is kept, in order, and done once its session
 * is stored. Until then it looks like a response whose headers were sent.
 */
import { nodeError } from "./node-headers.ts";
import type { ResponseHook } from "./node-response.ts";
import { cutShort, type NodeResponse } from "./node-types.ts";

interface Held {
  readonly kind: "write" | "end" | "flush";
  readonly chunk: unknown;
  readonly encoding: unknown;
  readonly callback: unknown;
}

/**
 * What Node's HTTP/1 responses keep their rendered header in, where anything true means "sent" to all of Node; and what
 * says that they ended. A property put in front of `writableEnded` and taken away again would make the response slow.
 */
type Http1Internals = NodeResponse & { _header: string | null; finished: boolean };

const HTTP2_MEANWHILE = ["headersSent", "setHeader", "appendHeader", "removeHeader"] as const;

export class Waiting {
  readonly #hook: ResponseHook;
  readonly #status: number;
  readonly #message: string;
  #held: Held[] = [];
  #isPretending = false;
  #pushedBack = false;
  #ended = false;
  /** The arguments of a `writeHead` that was called in so many words. */
  head: { readonly status: number; readonly reason: unknown } | null = null;
  /** The handler failed after it began to answer: the client must not take the answer for a whole one. */
  isBroken = false;

  constructor(hook: ResponseHook) {
    this.#hook = hook;
    this.#status = hook.response.statusCode;
    this.#message = hook.isHttp2 ? "" : hook.response.statusMessage;
    this.pretend();
  }

  hold(kind: Held["kind"], chunk?: unknown, encoding?: unknown, callback?: unknown): void {
    this.#held.push({ kind, chunk, encoding, callback });
    if (kind === "write") this.#pushedBack = true;
    if (kind !== "end" || this.#ended) return;
    this.#ended = true;
    const { response, isHttp2 } = this.#hook;
    if (isHttp2) Object.defineProperty(response, "writableEnded", { value: true, configurable: true });
    else (response as Http1Internals).finished = true;
  }

  /** The session is stored: everything goes out as if nothing had been between. */
  release(): void {
    const hook = this.#hook;
    const { response } = hook;
    if (this.head) hook.callWriteHead(this.head.status, this.head.reason);
    let isFlowing = true;
    for (const { kind, chunk, encoding, callback } of this.#held) {
      if (kind === "write") isFlowing = hook.write.call(response, chunk, encoding, callback);
      else if (kind === "end") hook.end.call(response, chunk, encoding, callback);
      else hook.flushHeaders?.call(response);
    }
    if (this.#ended) return;
    if (this.isBroken) cutShort(response);
    else if (this.#pushedBack && isFlowing) response.emit("drain");
  }

  /** Another answer goes out: what was held is let go, and whoever waits for it is told. */
  discard(): void {
    for (const { chunk, encoding, callback } of this.#held) tellDone(chunk, encoding, callback);
    this.#held = [];
    if (this.#pushedBack) process.nextTick(() => this.#hook.response.emit("drain"));
  }

  pretend(): void {
    const { response, isHttp2 } = this.#hook;
    this.#isPretending = true;
    if (!isHttp2) {
      (response as Http1Internals)._header = "waiting";
      return;
    }
    for (const name of HTTP2_MEANWHILE) {
      const value = name === "headersSent" ? true : refuseHeader;
      Object.defineProperty(response, name, { value, configurable: true });
    }
  }

  /** The response is itself again, with nothing sent. */
  restore(): void {
    if (!this.#isPretending) return;
    this.#isPretending = false;
    const { response, isHttp2 } = this.#hook;
    if (isHttp2) {
      if (this.#ended) Reflect.deleteProperty(response, "writableEnded");
      for (const name of HTTP2_MEANWHILE) Reflect.deleteProperty(response, name);
    } else {
      (response as Http1Internals)._header = null;
      if (this.#ended) (response as Http1Internals).finished = false;
      response.statusMessage = this.#message;
    }
    response.statusCode = this.#status;
  }
}

/** Calls back as Node does for a chunk that was taken. */
export function tellDone(...callArguments: readonly unknown[]): void {
  const done = callArguments.find((argument) => typeof argument === "function");
  if (done) process.nextTick(done as () => void);
}

function refuseHeader(): never {
  throw headersSent(true);
}

export function headersSent(isHttp2: boolean): Error {
  return isHttp2
    ? nodeError(Error, "ERR_HTTP2_HEADERS_SENT", "Response has already been initiated")
    : nodeError(Error, "ERR_HTTP_HEADERS_SENT", "Cannot write headers after they are sent to the client");
}
