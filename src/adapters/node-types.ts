/** What the adapters use of Node's requests and responses, HTTP/1 and the HTTP/2 compatibility API alike. */
import type { ResponseHook } from "./node-response.ts";

export interface NodeRequest {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Names and values in turn, as they came. */
  readonly rawHeaders?: readonly string[];
  readonly httpVersionMajor: number;
  readonly socket: { readonly remoteAddress?: string | undefined; readonly encrypted?: boolean };
}

export type HeaderValue = number | string | readonly string[];

/** Status and headers of an answer that has not left: a response, or what a framework keeps until it makes one. */
export interface HeaderHolder {
  statusCode: number;
  statusMessage: string;
  getHeader(name: string): HeaderValue | undefined;
  getHeaderNames(): string[];
  setHeader(name: string, value: HeaderValue): unknown;
  removeHeader(name: string): void;
}

export interface NodeResponse extends HeaderHolder {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  hasHeader(name: string): boolean;
  appendHeader(name: string, value: string | readonly string[]): unknown;
  writeHead(statusCode: number, reason?: unknown, headers?: unknown): unknown;
  write(chunk: unknown, encoding?: unknown, callback?: unknown): boolean;
  end(chunk?: unknown, encoding?: unknown, callback?: unknown): unknown;
  /** There on HTTP/2 too, though @types/node does not say so. */
  flushHeaders?(): void;
  destroy(): unknown;
  /** HTTP/2 only. */
  readonly stream?: { close(code?: number): void };
  emit(event: string): boolean;
  /** Ours, where a session is attached. */
  [HOOK]?: ResponseHook;
}

export const HOOK: unique symbol = Symbol("sojourn.response");

const INTERNAL_ERROR = 2; // RFC 9113 section 7

/** Ends an answer in the middle, so that the client cannot take what it has for the whole. */
export function cutShort(response: NodeResponse): void {
  // Destroyed without a code an HTTP/2 stream closes with NO_ERROR, which looks complete.
  if (response.stream) response.stream.close(INTERNAL_ERROR);
  else response.destroy();
}
