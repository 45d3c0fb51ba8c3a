/**
 * A browser without a network: keeps cookies, sends them, and runs a handler as the answer to a request, through the
 * same exchange the adapters use. For cases about sessions rather than about HTTP.
 */
import { exchangesOf } from "../core/exchange.ts";
import type { HeaderChanges } from "../core/exchange-contract.ts";
import type { RequestView } from "../core/request.ts";
import type { Session } from "../core/types.ts";
import { SojournError } from "../errors.ts";

export const TEST_ORIGIN = "https://app.example";

type Values = Record<string, unknown>;
export type Handler<T> = (session: Session<Values>, request: object) => T | Promise<T>;

export interface VisitOptions {
  /** Default GET. Others come as from a page of our own. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The status of the handler's answer, 200 by default. */
  readonly status?: number;
  readonly cacheControl?: string;
  /** The answer never reaches the browser: its cookies are lost. */
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
  /** Puts the answer's cookies in the jar: done already, unless the visit was made by `visitLater`. */
  deliver(): void;
}

export class TestBrowser {
  readonly jar: Map<string, string> = new Map();
  readonly #sessions: object;

  constructor(sessions: object, jar?: ReadonlyMap<string, string>) {
    this.#sessions = sessions;
    for (const [name, value] of jar ?? []) this.jar.set(name, value);
  }

  /** Another browser with a copy of the cookies as they are now: a thief, or another tab's view. */
  copy(sessions: object = this.#sessions): TestBrowser {
    return new TestBrowser(sessions, this.jar);
  }

  /** A request and its answer. Errors of this package become the answer's status; others are thrown. */
  async visit<T>(handler: Handler<T>, options: VisitOptions = {}): Promise<Visited<T>> {
    const visited = await this.visitLater(handler, options);
    if (!options.lose) visited.deliver();
    return visited;
  }

  /** The same, but the answer stays on the way until `deliver()`. */
  async visitLater<T>(handler: Handler<T>, options: VisitOptions = {}): Promise<Visited<T>> {
    const request = {};
    const exchange = exchangesOf(this.#sessions).open(request, this.#view(options), {
      csrfExempt: null,
      lazy: options.lazy ?? false,
    });
    let value: T | undefined;
    try {
      await exchange.begin();
      value = await handler(exchange.session as Session<Values>, request);
      const { status = 200, cacheControl } = options;
      return this.#visited(value, status, null, await exchange.finish({ status, cacheControl }));
    } catch (error) {
      if (!(error instanceof SojournError)) throw error;
      return this.#visited(value, error.status, error, exchange.refuse(error));
    }
  }

  #visited<T>(
    value: T | undefined,
    status: number,
    error: SojournError | null,
    headers: HeaderChanges,
  ): Visited<T> {
    const deliver = (): void => {
      for (const line of headers.cookies) this.#keep(line);
    };
    return { value, status, error, setCookies: headers.cookies, headers, deliver };
  }

  #keep(line: string): void {
    const [pair = "", ...attributes] = line.split("; ");
    const cut = pair.indexOf("=");
    const name = pair.slice(0, cut);
    if (attributes.includes("Max-Age=0")) this.jar.delete(name);
    else this.jar.set(name, pair.slice(cut + 1));
  }

  #view(options: VisitOptions): RequestView {
    const method = options.method ?? "GET";
    const headers = new Map<string, string>(
      Object.entries({ host: new URL(TEST_ORIGIN).host, ...options.headers }),
    );
    const isUnsafe = method !== "GET" && method !== "HEAD";
    if (isUnsafe && !headers.has("sec-fetch-site")) headers.set("sec-fetch-site", "same-origin");
    const cookies = [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    if (cookies && !headers.has("cookie")) headers.set("cookie", cookies);
    return {
      method,
      header: (name) => headers.get(name),
      encrypted: true,
      peer: "192.0.2.1",
      host: headers.get("host"),
      upgrade: false,
    };
  }
}

export interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

/** Something a parked request waits for. */
export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: () => resolve() };
}
