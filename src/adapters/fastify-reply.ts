/**
 * A Fastify reply and its sessions. The commit stands on Node's response, as in `sojourn/node`, so that a reply that was
 * hijacked is held back like any other. A failure that Fastify would tell by itself is told here in its place.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { ByRequest } from "../core/by-request.ts";
import type { SojournError } from "../errors.ts";
import type { Departing } from "./departures.ts";
import { type NodeMount, sendAnswer } from "./node-failure.ts";
import { ResponseHook } from "./node-response.ts";
import {
  cutShort,
  type HeaderHolder,
  type HeaderValue,
  HOOK,
  type NodeRequest,
  type NodeResponse,
} from "./node-types.ts";
import type { FailureAnswer, Mount } from "./options.ts";

/** An error on its way through Fastify's error handlers. */
interface Failing {
  readonly error: SojournError;
  readonly entering?: Departing | undefined;
}

const replies = new ByRequest<FastifyReply>();

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
  else if (hookOf(reply)?.failing?.error !== failure) reply.log.error(failure);
}

export class ReplyHook extends ResponseHook {
  readonly reply: FastifyReply;
  failing: Failing | null = null;

  constructor(reply: FastifyReply) {
    super(reply.request.raw, reply.raw as NodeResponse);
    this.reply = reply;
    replies.set(reply.request.raw, reply);
    // Fastify breaks a stream off by destroying the response, which on HTTP/2 would look like its end.
    if (this.isHttp2) this.response.destroy = destroy;
  }

  /** Our answer in place of the one that Fastify made of the error; resolves to its body. */
  async answer(failing: Failing): Promise<string | null> {
    const { error, entering } = failing;
    const ready = await this.settle({
      failure: error,
      stage: entering ? "before handler" : "in handler",
      entering,
    });
    this.failing = null;
    this.phase = "sent";
    let sent: string | null = null; // what a HEAD gets
    sendAnswer(this.request, new Head(this.reply), ready, (body) => {
      sent = body ?? null;
    });
    return sent;
  }
}

function destroy(this: NodeResponse): void {
  if (!this.writableEnded) cutShort(this);
}

export function hookOf(reply: FastifyReply): ReplyHook | undefined {
  const hook = (reply.raw as NodeResponse)[HOOK];
  return hook instanceof ReplyHook ? hook : undefined;
}

/** Whether the payload is what Fastify itself makes of the error, where no error handler of the application answered. */
export function isFastifysOwn(payload: unknown, { code, message }: SojournError): boolean {
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
