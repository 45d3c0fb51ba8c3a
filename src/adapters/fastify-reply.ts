/**
 * A Fastify reply and its sessions. The commit stands on Node's response, as in `sojourn/node`, so that a reply that was
 * hijacked is held back like any other. A failure that Fastify would tell by itself is told here in its place.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { ByRequest } from "../core/by-request.ts";
import type { SojournError } from "../errors.ts";
import { type NodeMount, sendAnswer } from "./node-failure.ts";
import type { ResponseHook } from "./node-response.ts";
import {
  cutShort,
  type HeaderHolder,
  type HeaderValue,
  HOOK,
  type NodeRequest,
  type NodeResponse,
} from "./node-types.ts";
import type { FailureAnswer, Mount } from "./options.ts";

const replies = new ByRequest<FastifyReply>();
/** The error on its way through Fastify's error handlers. */
const failures = new ByRequest<SojournError | null>();

/** The shared parts know Node's request: what they tell the application is told in terms of Fastify. */
export function replyMount<Req extends FastifyRequest>(mount: Mount<Req, FailureAnswer>): NodeMount {
  const { onFailure } = mount;
  return {
    ...mount,
    onFailure: onFailure && ((error, raw) => onFailure(error, replies.get(raw)?.request as Req)),
    report,
  };
}

/** In Fastify's log, where the application has one, and once: what reached its error handlers is there by now. */
function report(failure: unknown, raw: NodeRequest): void {
  const reply = replies.get(raw);
  if (!reply || !hasLog(reply.log)) console.error(failure);
  else if (failures.get(reply) !== failure) reply.log.error(failure);
}

/** Makes the reply known to the mount. */
export function rememberReply(reply: FastifyReply): void {
  replies.set(reply.request.raw, reply);
  // Fastify breaks a stream off by destroying the response, which on HTTP/2 would look like its end.
  if (reply.request.raw.httpVersionMajor > 1) responseOf(reply).destroy = destroy;
}

function destroy(this: NodeResponse): void {
  if (!this.writableEnded) cutShort(this);
}

export function responseOf(reply: FastifyReply): NodeResponse {
  return reply.raw as NodeResponse;
}

/** Keeps in mind what error handlers are about to see. */
export function noteFailure(reply: FastifyReply, error: SojournError): void {
  failures.set(reply, error);
}

/** Our answer in place of the one that Fastify made of the error: its body. `null`: it is not ours to answer. */
export function answerInstead(reply: FastifyReply, payload: unknown): Promise<string> | null {
  const error = failures.get(reply);
  const hook = responseOf(reply)[HOOK];
  // Behind headers that have left, Fastify says so itself.
  if (!error || hook?.phase !== "open" || !isFastifysOwn(payload, error)) return null;
  return answer(reply, hook, error);
}

/**
 * For an error that comes from a hook behind our answer: Fastify sends a text of its own then, which may hold anything,
 * and asks nobody any more. It must not go out as the page that ours was.
 */
export function takeTypeBack(reply: FastifyReply): void {
  const response = responseOf(reply);
  if (response[HOOK]?.phase === "sent" && !response.headersSent) reply.removeHeader("content-type");
}

async function answer(reply: FastifyReply, hook: ResponseHook, error: SojournError): Promise<string> {
  const ready = await hook.settle({ failure: error, stage: "in handler" });
  failures.set(reply, null);
  hook.phase = "sent";
  sendAnswer(hook.request, new Head(reply), ready, () => {});
  reply.removeHeader("content-length"); // Fastify counts it, and leaves it out where trailers follow
  return ready.body;
}

/** Whether the payload is what Fastify itself makes of the error, where no error handler of the application answered. */
function isFastifysOwn(payload: unknown, { code, message }: SojournError): boolean {
  if (typeof payload !== "string") return false;
  try {
    const told: unknown = JSON.parse(payload);
    if (typeof told !== "object" || told === null) return false;
    const { statusCode, error, ...rest } = told as Record<string, unknown>;
    const isPlain = typeof statusCode === "number" && typeof error === "string";
    return isPlain && Object.keys(rest).length === 2 && rest.code === code && rest.message === message;
  } catch {
    return false;
  }
}

/** Fastify's logger for applications without one has no level. */
function hasLog({ level }: FastifyReply["log"]): boolean {
  return typeof level === "string" && level !== "silent";
}

/** Status and headers of a reply: Fastify keeps its own apart from those of Node's response until it sends. */
class Head implements HeaderHolder {
  readonly #reply: FastifyReply;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
  }

  get statusCode(): number {
    return this.#reply.raw.statusCode;
  }

  set statusCode(status: number) {
    this.#reply.raw.statusCode = status;
  }

  get statusMessage(): string {
    return this.#reply.raw.statusMessage;
  }

  set statusMessage(message: string) {
    this.#reply.raw.statusMessage = message;
  }

  getHeader(name: string): HeaderValue | undefined {
    return this.#reply.getHeader(name);
  }

  getHeaderNames(): string[] {
    return Object.keys(this.#reply.getHeaders());
  }

  setHeader(name: string, value: HeaderValue): void {
    this.#reply.removeHeader(name); // of Set-Cookie Fastify adds to what there is
    this.#reply.header(name, value);
  }

  removeHeader(name: string): void {
    this.#reply.removeHeader(name);
  }
}
