/**
 * What goes out in place of the handler's answer when a session fails: JSON for API clients, a small page for browsers.
 * Production says what to do and nothing of what is inside; a 401 is the same text whatever became of the session.
 */
import type { HeaderChanges } from "../core/exchange-contract.ts";
import type { RequestView } from "../core/request.ts";
import { CsrfDeniedError, type ErrorCode, HandlerError, LevelTooLowError, SojournError } from "../errors.ts";
import { type Departing, finishAll, keeps, refuseAll } from "./departures.ts";
import { failurePage } from "./failure-page.ts";
import { mergeChanges } from "./headers.ts";
import { isLocalPath } from "./local-path.ts";
import type { FailureAnswer, Mount } from "./options.ts";

/** A longer way back is left out: some servers and proxies refuse URLs beyond 2 to 4 KB. */
const LONGEST_NEXT = 2000;

const SENTENCES: Readonly<Record<number, string>> = {
  400: "This request cannot be given a session.",
  401: "Sign in to continue.",
  403: "This request was refused.",
  409: "Something changed while this request ran. Try again.",
  425: "This address is for opening in a browser.",
  413: "That is more data than a session can hold.",
  503: "The service is unavailable for a moment. Try again soon.",
};

export type DefaultAnswer = Required<FailureAnswer>;

/** The request that failed, and its path as far as the adapter knows it. */
export interface FailedRequest {
  readonly view: RequestView;
  readonly path: string | undefined;
}

/** The answer where `onFailure` gives none. */
export function defaultAnswer(
  error: SojournError,
  request: FailedRequest,
  mount: Pick<Mount<never, never>, "exchanges" | "signInPath">,
): DefaultAnswer {
  const { view } = request;
  const wantsPage = /\btext\/html\b/i.test(view.header("accept") ?? "");
  const signIn = error.status === 401 && !isOn(mount.signInPath, request) ? mount.signInPath : undefined;
  if (wantsPage && signIn !== undefined && isPageView(view))
    return { status: 303, headers: { location: signInAt(signIn, request.path, error) }, body: "" };
  const told = whatToTell(error, mount.exchanges.mode);
  if (wantsPage) return answer(error.status, "text/html", failurePage(error.status, told.message, signIn));
  return answer(error.status, "application/json", JSON.stringify({ error: told }));
}

function answer(status: number, type: string, body: string): DefaultAnswer {
  const headers = { "content-type": `${type}; charset=utf-8`, "x-content-type-options": "nosniff" };
  return { status, headers, body };
}

interface Told {
  code: ErrorCode;
  message: string;
  reason?: string;
  level?: number;
}

function whatToTell(error: SojournError, mode: "production" | "development"): Told {
  const sentence = SENTENCES[error.status] ?? "Something went wrong.";
  // One text for unknown, expired and revoked (SECURITY H4); only who is signed in is told that it takes more.
  if (error instanceof LevelTooLowError) return { code: error.code, message: sentence, level: error.level };
  if (error.status === 401) {
    return { code: error.code === "STALE_LOGIN" ? error.code : "NOT_SIGNED_IN", message: sentence };
  }
  const told: Told = { code: error.code, message: sentence };
  if (mode === "development") told.message = error.message;
  else if (error.status === 500) told.code = "HANDLER_FAILED";
  return error instanceof CsrfDeniedError ? { ...told, reason: error.reason } : told;
}

function isPageView(view: RequestView): boolean {
  const mode = view.header("sec-fetch-mode");
  return (view.method === "GET" || view.method === "HEAD") && (mode === undefined || mode === "navigate");
}

function isOn(signInPath: string | undefined, { path }: FailedRequest): boolean {
  return signInPath !== undefined && path !== undefined && beforeQuery(path) === beforeQuery(signInPath);
}

/** The sign-in page, told the way back and, where it takes more than one factor, the level. */
function signInAt(signInPath: string, path: string | undefined, error: SojournError): string {
  const told = [
    ...(path !== undefined && path.length <= LONGEST_NEXT && isLocalPath(path)
      ? [`next=${encodeURIComponent(path)}`]
      : []),
    ...(error instanceof LevelTooLowError ? [`level=${error.level}`] : []),
  ];
  if (told.length === 0) return signInPath;
  return `${signInPath}${signInPath.includes("?") ? "&" : "?"}${told.join("&")}`;
}

function beforeQuery(path: string): string {
  const end = path.search(/[?#]/);
  return end < 0 ? path : path.slice(0, end);
}

/** The content type of a body that `onFailure` gave without one. */
export function guessType(body: string): string {
  return /^\s*</.test(body) ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
}

/**
 * What every failure answer carries, whoever wrote its body: never cached, the error's own headers unless the answer
 * `has` its own, and a cookie that is owed.
 */
export function failureChanges(
  error: SojournError,
  changes: HeaderChanges,
  has: (name: string) => boolean,
): HeaderChanges {
  const { vary, "cache-control": _, ...own } = error.headers;
  return {
    cookies: changes.cookies,
    cacheControl: "no-store",
    vary: [...(vary?.split(/, */) ?? []), ...changes.vary, "Cookie", "Accept"],
    set: [...Object.entries(own).filter(([name]) => !has(name)), ...changes.set],
  };
}

/** How far the request had come when it failed. */
export type Stage = "before handler" | "in handler" | "at commit";

export interface Failure {
  readonly failure: unknown;
  readonly stage: Stage;
  /** Whose own beginning failed, so that nothing was written over it. */
  readonly entering?: Departing | undefined;
}

export interface Refusal {
  readonly error: SojournError;
  readonly changes: HeaderChanges;
}

/**
 * Settles the exchanges for an answer that tells an error. The status decides as it does everywhere: what a handler
 * wrote before it failed with less than 500 is kept, and an owed cookie goes out in any case. `entering`: whose own
 * beginning failed, so that nothing was written over it.
 */
export async function refusalOf(
  exchanges: readonly Departing[],
  failure: unknown,
  stage: Stage,
  entering?: Departing,
): Promise<Refusal> {
  const error = toSojournError(failure);
  const kept = exchanges.filter((exchange) => exchange !== entering && keeps(exchange, error));
  if (stage === "at commit" || kept.length === 0) return { error, changes: refuseAll(exchanges, error) };
  const lost = exchanges.filter((exchange) => !kept.includes(exchange));
  try {
    const changes = await finishAll(kept, { status: error.status, cacheControl: "no-store" });
    return { error, changes: mergeChanges(refuseAll(lost, error), changes) };
  } catch (failedCommit) {
    const worse = toSojournError(failedCommit);
    return { error: worse, changes: refuseAll(exchanges, worse) };
  }
}

export function toSojournError(failure: unknown): SojournError {
  return failure instanceof SojournError ? failure : new HandlerError(failure);
}

/** Asks the application; what it throws is reported and leaves the default answer. */
export async function askApplication<Req, Res>(
  mount: Mount<Req, Res>,
  error: SojournError,
  request: Req,
  tell?: Tell,
): Promise<Res | undefined> {
  try {
    return await mount.onFailure?.(error, request);
  } catch (thrown) {
    reportFailure(thrown, tell);
    return undefined;
  }
}

/** How failures reach whoever runs the server. */
export type Tell = (failure: unknown) => void;

/** Defects and outages must be seen by whoever runs the server; refusals of clients need not. */
export function reportFailure(failure: unknown, tell: Tell = console.error): void {
  if (failure instanceof SojournError && failure.status < 500) return;
  tell(failure instanceof HandlerError ? failure.cause : failure);
}
