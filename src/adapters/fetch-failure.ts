/** Failure answers as fetch responses. */
import type { Exchange } from "../core/exchange-contract.ts";
import { SojournError } from "../errors.ts";
import { refuseAll } from "./departures.ts";
import {
  askApplication,
  defaultAnswer,
  failureChanges,
  refusalOf,
  reportFailure,
  type Stage,
} from "./failure.ts";
import { withChanges } from "./fetch-response.ts";
import { FetchView } from "./fetch-view.ts";
import { mergeChanges } from "./headers.ts";
import { type Mount, mountBehind } from "./options.ts";

/** A request in the hands of an adapter. */
export interface Served<Req extends object> {
  readonly mount: Mount<Req, Response>;
  readonly exchange: Exchange;
  /** What the framework calls the request: what `sessions.of` and the options take. */
  readonly key: Req;
  readonly request: Request;
  /** The framework has told whoever runs the server of the failure already. Default `false`. */
  readonly isReported?: boolean;
  /** A mount around this one opened the exchange, and adds the cookies to whatever answer it gets. Default `false`. */
  readonly isInner?: boolean;
}

/** Answers what a handler threw, where it is of ours or a login's cookie is owed. Throws it on otherwise. */
export async function answerThrown<Req extends object>(
  served: Served<Req>,
  thrown: unknown,
): Promise<Response> {
  const owes = [served.exchange, ...within(served)].some(({ owesCookie }) => owesCookie);
  if (!(thrown instanceof SojournError) && !owes) throw thrown;
  return answerFailure(served, thrown, "in handler");
}

export async function answerFailure<Req extends object>(
  served: Served<Req>,
  failure: unknown,
  stage: Stage,
): Promise<Response> {
  const { exchange, key } = served;
  const entering = stage === "before handler" ? exchange : undefined;
  const { error, changes } = await refusalOf([exchange], failure, stage, entering);
  if (!served.isReported || error !== failure) reportFailure(error);
  const mount = mountOfConcern(served, error);
  const response = (await askApplication(mount, error, key)) ?? plainAnswer(mount, served.request, error);
  // The answer of a mount within this one is dropped, but not the cookie of a login that it brought.
  const all = mergeChanges(refuseAll(within(served), error), changes);
  const told = failureChanges(error, all, (name) => response.headers.has(name));
  return withChanges(response, served.isInner ? { ...told, cookies: [] } : told);
}

/** The exchanges of other managers that were mounted within this one. */
function within<Req extends object>({ mount, exchange, key }: Served<Req>): readonly Exchange[] {
  const all = mount.exchanges.all(key);
  return all.slice(0, Math.max(0, all.indexOf(exchange)));
}

/** What is about another manager's session is answered as that manager was mounted. */
function mountOfConcern<Req extends object>(
  { mount, key }: Served<Req>,
  error: SojournError,
): Mount<Req, Response> {
  const concerned = mount.exchanges.all(key).find((exchange) => exchange.concerns(error));
  return (concerned && mountBehind(concerned.rules)) ?? mount;
}

function plainAnswer<Req>(mount: Mount<Req, Response>, request: Request, error: SojournError): Response {
  const { pathname, search } = new URL(request.url);
  const view = new FetchView(request);
  const { status, headers, body } = defaultAnswer(error, { view, path: pathname + search }, mount);
  return new Response(body === "" || request.method === "HEAD" ? null : body, { status, headers });
}
