/**
 * Commit before the headers leave, on Node's responses. Four methods of the one response are put in front of what was
 * there before (Node's own, or another middleware's); no prototype changes. With nothing to wait for, the headers are
 * completed in place and the call goes on; otherwise the response waits (node-waiting.ts).
 */
import { hideFromLogs } from "../core/by-request.ts";
import type { Exchange, HeaderChanges } from "../core/exchange-contract.ts";
import { bodyField } from "./body-field.ts";
import { askForHsts, type Departing, finishAll } from "./departures.ts";
import { type Failure, failureChanges, refusalOf, reportFailure, type Stage } from "./failure.ts";
import { HSTS } from "./headers.ts";
import { composeAnswer, type NodeMount, type ReadyAnswer, sendAnswer, tellerOf } from "./node-failure.ts";
import { applyChanges, textOf } from "./node-headers.ts";
import { end, flushHeaders, write, writeHead } from "./node-methods.ts";
import { cutShort, HOOK, type NodeRequest, type NodeResponse } from "./node-types.ts";
import { Waiting } from "./node-waiting.ts";

/**
 * `open`: the handler has not answered. `waiting`: it has, and the commit is under way. `sent`: the headers are out.
 * `replaced`: a failure answer goes out instead, and what the handler still does to the response is dropped.
 */
type Phase = "open" | "waiting" | "sent" | "replaced";

export class ResponseHook {
  phase: Phase;
  waiting: Waiting | null = null;
  readonly isHttp2: boolean;
  readonly request: NodeRequest;
  readonly response: NodeResponse;
  /** Of all managers that serve the request, that of the one mounted last first. */
  readonly #exchanges: Departing[] = [];
  /** How each of them was mounted: whose failure answers count. */
  readonly #mounts: NodeMount[] = [];
  readonly writeHead: NodeResponse["writeHead"];
  readonly write: NodeResponse["write"];
  readonly end: NodeResponse["end"];
  readonly flushHeaders: NodeResponse["flushHeaders"];

  constructor(request: NodeRequest, response: NodeResponse) {
    this.phase = response.headersSent ? "sent" : "open";
    this.isHttp2 = request.httpVersionMajor > 1;
    this.request = request;
    this.response = response;
    /* oxlint-disable typescript/unbound-method -- they are always called with this response */
    this.writeHead = response.writeHead;
    this.write = response.write;
    this.end = response.end;
    this.flushHeaders = response.flushHeaders;
    /* oxlint-enable typescript/unbound-method */
    response[HOOK] = this;
    response.writeHead = writeHead;
    response.write = write;
    response.end = end;
    response.flushHeaders = flushHeaders;
  }

  join(mount: NodeMount, exchange?: Departing): void {
    this.#mounts.unshift(mount);
    if (exchange) this.#exchanges.unshift(exchange);
  }

  /** Other failure answers for one manager than those it was mounted with. */
  overrule(mount: NodeMount): void {
    const at = this.#mounts.findIndex(({ exchanges }) => exchanges === mount.exchanges);
    if (at >= 0) this.#mounts[at] = mount;
  }

  /** What is about one manager's session is answered as that manager was mounted, anything else by the innermost. */
  #mountFor(error: unknown, entering: Departing | undefined): NodeMount {
    const concerned = this.#exchanges.findIndex((one) => one === entering || one.concerns(error));
    return this.#mounts[Math.max(0, concerned)] as NodeMount;
  }

  /** Node tells the forms of `writeHead` apart by their arguments; the headers are set already. */
  callWriteHead(status: number, reason: unknown): unknown {
    return typeof reason === "string"
      ? this.writeHead.call(this.response, status, reason)
      : this.writeHead.call(this.response, status);
  }

  /** The handler answers. `true`: the headers are complete and may leave now. */
  depart(status: number): boolean {
    let changes: HeaderChanges | Promise<HeaderChanges>;
    try {
      const cacheControl = textOf(this.response.getHeader("cache-control"));
      const answer = { status, cacheControl };
      changes = finishAll(
        this.#exchanges,
        askForHsts(this.#exchanges) ? { ...answer, hsts: this.response.hasHeader(HSTS) } : answer,
      );
    } catch (error) {
      void this.replace(error, "at commit");
      return false;
    }
    if (changes instanceof Promise) {
      this.#wait(changes);
      return false;
    }
    applyChanges(this.response, changes);
    this.phase = "sent";
    return true;
  }

  #wait(commit: Promise<HeaderChanges>): void {
    this.phase = "waiting";
    const waiting = new Waiting(this);
    this.waiting = waiting;
    commit.then(
      (changes) => this.#release(waiting, changes),
      (error: unknown) => this.replace(error, "at commit"),
    );
  }

  #release(waiting: Waiting, changes: HeaderChanges): void {
    try {
      waiting.restore();
      applyChanges(this.response, changes);
      this.phase = "sent";
      waiting.release();
      this.waiting = null;
    } catch (error) {
      // Node refuses what the handler asked for, such as a status message with a line break in it.
      if (this.response.headersSent) this.#cutShort(error);
      else void this.replace(error, "at commit");
    }
  }

  /** Answers with a failure in place of whatever the handler did. Resolves when that answer was handed over. */
  replace(failure: unknown, stage: Stage, entering?: Departing): Promise<void> {
    this.phase = "replaced";
    this.waiting ??= new Waiting(this);
    const { waiting } = this;
    waiting.pretend();
    const failed = { failure, stage, entering };
    return this.#answerFailure(waiting, failed).catch((error: unknown) => this.#cutShort(error));
  }

  async #answerFailure(waiting: Waiting, failed: Failure): Promise<void> {
    const { request, response } = this;
    const answer = await this.settle(failed);
    waiting.restore();
    this.phase = "sent";
    sendAnswer(request, response, answer, (body) => this.end.call(response, body));
    this.phase = "replaced";
    waiting.discard();
  }

  /** Settles the session for a failure, reports it, and makes the answer that tells it. */
  async settle({ failure, stage, entering }: Failure): Promise<ReadyAnswer> {
    const { request } = this;
    const { error, changes } = await refusalOf(this.#exchanges, failure, stage, entering);
    const mount = this.#mountFor(error, entering);
    reportFailure(error, tellerOf(mount, request));
    const answer = await composeAnswer(mount, request, error);
    const has = (name: string): boolean => Object.hasOwn(answer.headers, name);
    return { ...answer, changes: failureChanges(error, changes, has) };
  }

  /**
   * The handler threw. Once it had begun to answer, the client can only be told by cutting the answer short. Resolves
   * when an answer in its place was handed over, or at once.
   */
  async crash(thrown: unknown): Promise<void> {
    if (this.phase === "open") await this.replace(thrown, "in handler");
    else if (this.phase === "sent" && !this.response.headersSent) await this.replace(thrown, "at commit");
    else if (this.phase === "sent" && !this.response.writableEnded) this.#cutShort(thrown);
    else {
      if (this.waiting) this.waiting.isBroken = true;
      this.#tell(thrown);
    }
  }

  #cutShort(error: unknown): void {
    this.#tell(error);
    cutShort(this.response);
  }

  #tell(error: unknown): void {
    tellerOf(this.#mountFor(error, undefined), this.request)(error);
  }
}

hideFromLogs(ResponseHook.prototype);

/** Puts an exchange in front of a response; another manager's joins those that are there. */
export function attach(
  mount: NodeMount,
  exchange: Exchange,
  request: NodeRequest,
  response: NodeResponse,
): ResponseHook {
  // Mounted behind headers that have left: nothing can be stored any more, so every write has to fail loudly.
  if (response.headersSent) void exchange.finish({ status: 500, cacheControl: undefined });
  const hook = response[HOOK] ?? new ResponseHook(request, response);
  hook.join(mount, exchange);
  return hook;
}

/** Begins the exchange and goes on, at once where there is nothing to wait for; a refusal is answered instead. */
export function beginOrRefuse(
  hook: ResponseHook,
  exchange: Exchange,
  goOn: () => void,
  step: "begin" | "unexempt" = "begin",
): void {
  const refuse = (error: unknown): void => void hook.replace(error, "before handler", exchange);
  let begun: ReturnType<Exchange["begin"]>;
  try {
    begun = exchange[step](() => bodyField(hook.request));
  } catch (error) {
    refuse(error);
    return;
  }
  if (begun instanceof Promise) begun.then(goOn, refuse);
  else goOn();
}
