/** One request and its answer without a network, through the same exchange the adapters use. */
import { exchangesOf } from "../core/exchange.ts";
import type { HeaderChanges } from "../core/exchange-contract.ts";
import type { RequestView } from "../core/request.ts";
import type { Session } from "../core/types.ts";
import { SojournError } from "../errors.ts";

export const TEST_ORIGIN = "https://app.example";

type Values = Record<string, unknown>;
export type Handler<T> = (session: Session<Values>, request: object) => T | Promise<T>;

export interface VisitOptions {
  /** Default GET. A browser's others come as from a page of our own. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The address the request comes from. Default `192.0.2.1`. */
  readonly peer?: string;
  /** The status of the handler's answer, 200 by default. */
  readonly status?: number;
  readonly cacheControl?: string;
  /** The answer never arrives: what it hands out is lost. */
  readonly lose?: boolean;
  readonly lazy?: boolean;
}

export interface Visited<T> {
  /** What the handler gave; `undefined` when it threw or was never run. */
  readonly value: T | undefined;
  readonly status: number;
  readonly error: SojournError | null;
  readonly setCookies: readonly string[];
  readonly headers: HeaderChanges;
  /** Lets the client keep what the answer hands out: done already, unless the visit was made by `visitLater`. */
  deliver(): void;
}

/** Who visits: the headers it sends with a request, and what it keeps of an answer. */
export interface Visitor {
  readonly sessions: object;
  headersFor(options: VisitOptions): Readonly<Record<string, string>>;
  keep(changes: HeaderChanges): void;
}

/** Errors of this package become the answer's status; others are thrown. */
export async function visitAs<T>(
  visitor: Visitor,
  handler: Handler<T>,
  options: VisitOptions,
): Promise<Visited<T>> {
  const request = {};
  const view = viewOf(options, visitor.headersFor(options));
  const exchange = exchangesOf(visitor.sessions).open(request, view, {
    csrfExempt: null,
    lazy: options.lazy ?? false,
  });
  const visited = (
    value: T | undefined,
    status: number,
    error: SojournError | null,
    headers: HeaderChanges,
  ): Visited<T> => {
    const deliver = (): void => visitor.keep(headers);
    return { value, status, error, setCookies: headers.cookies, headers, deliver };
  };
  let value: T | undefined;
  try {
    await exchange.begin();
    value = await handler(exchange.session as Session<Values>, request);
    const { status = 200, cacheControl } = options;
    return visited(value, status, null, await exchange.finish({ status, cacheControl }));
  } catch (error) {
    if (!(error instanceof SojournError)) throw error;
    return visited(value, error.status, error, exchange.refuse(error));
  }
}

function viewOf(
  { method = "GET", peer = "192.0.2.1" }: VisitOptions,
  given: Readonly<Record<string, string>>,
): RequestView {
  const headers = new Map(Object.entries({ host: new URL(TEST_ORIGIN).host, ...given }));
  return {
    method,
    header: (name) => headers.get(name),
    encrypted: true,
    peer,
    host: headers.get("host"),
    upgrade: false,
  };
}
