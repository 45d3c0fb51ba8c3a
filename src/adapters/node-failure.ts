/** Failure answers on Node's responses. */
import { Buffer } from "node:buffer";
import type { HeaderChanges } from "../core/exchange-contract.ts";
import type { SojournError } from "../errors.ts";
import {
  askApplication,
  type DefaultAnswer,
  defaultAnswer,
  failureChanges,
  guessType,
  reportFailure,
  type Tell,
} from "./failure.ts";
import { applyChanges, dropHeaders } from "./node-headers.ts";
import { cutShort, type HeaderHolder, type NodeRequest, type NodeResponse } from "./node-types.ts";
import { NodeView } from "./node-view.ts";
import type { FailureAnswer, Mount } from "./options.ts";

const NONE: HeaderChanges = { cookies: [], cacheControl: undefined, vary: [], set: [] };

/** A mount as the shared parts see it: which type of request it was made for is behind us. */
export interface NodeMount extends Mount<never, FailureAnswer> {
  /** Reports a failure where the framework has a place for that. Default: on the console. */
  readonly report?: (failure: unknown, request: NodeRequest) => void;
  /** The path as the client asked for it, where the framework keeps it. Default: `originalUrl` or `url`. */
  readonly pathOf?: (request: NodeRequest) => string | undefined;
}

/** A failure answer, and what else becomes of the headers. */
export interface ReadyAnswer extends DefaultAnswer {
  readonly changes: HeaderChanges;
}

/** The application's answer, completed, or the default one. */
export async function composeAnswer(
  mount: NodeMount,
  request: NodeRequest & { readonly originalUrl?: string | undefined },
  error: SojournError,
): Promise<DefaultAnswer> {
  const own = await askApplication(mount, error, request as never, tellerOf(mount, request));
  if (own) return completed(own, error);
  const path = mount.pathOf?.(request) ?? request.originalUrl ?? request.url;
  return defaultAnswer(error, { view: new NodeView(request), path }, mount);
}

/** Where the failures of a request are told. A place that fails itself hinders no answer. */
export function tellerOf({ report }: NodeMount, request: NodeRequest): Tell {
  if (!report) return console.error;
  return (failure) => {
    try {
      report(failure, request);
    } catch (error) {
      console.error(failure, error);
    }
  };
}

function completed({ status, headers, body = "" }: FailureAnswer, error: SojournError): DefaultAnswer {
  const complete: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers ?? {})) complete[name.toLowerCase()] = value;
  if (body !== "") complete["content-type"] ??= guessType(body);
  return { status: status ?? error.status, headers: complete, body };
}

/** Sends an answer in place of what the handler did to the response. Nothing may have been sent yet. */
export function sendAnswer(
  request: NodeRequest,
  response: HeaderHolder,
  { status, headers, body, changes }: ReadyAnswer,
  end: (body?: string) => unknown,
): void {
  dropHeaders(response);
  response.statusCode = status;
  if (request.httpVersionMajor < 2) response.statusMessage = ""; // Node fills in the one of the status
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  applyChanges(response, changes);
  if (status !== 204 && status !== 304) response.setHeader("Content-Length", Buffer.byteLength(body));
  if (request.method === "HEAD") end();
  else end(body);
}

/** Reports and answers the failure of a request that has no exchange: it was skipped, or came past the adapter. */
export async function answerAlone(
  mount: NodeMount,
  request: NodeRequest,
  response: NodeResponse,
  error: SojournError,
): Promise<void> {
  reportFailure(error, tellerOf(mount, request));
  if (!response.headersSent) {
    const answer = await composeAnswer(mount, request, error);
    const changes = failureChanges(error, NONE, (name) => Object.hasOwn(answer.headers, name));
    if (!response.headersSent)
      return sendAnswer(request, response, { ...answer, changes }, (body) => response.end(body));
  }
  if (!response.writableEnded) cutShort(response);
}
