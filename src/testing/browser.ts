/**
 * A browser without a network: keeps cookies, sends them, and runs a handler as the answer to a request. For cases
 * about sessions rather than about HTTP.
 */
import type { HeaderChanges } from "../core/exchange-contract.ts";
import { type Handler, type Visited, type VisitOptions, type Visitor, visitAs } from "./visit.ts";

export { type Handler, TEST_ORIGIN, type Visited, type VisitOptions } from "./visit.ts";

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
  visitLater<T>(handler: Handler<T>, options: VisitOptions = {}): Promise<Visited<T>> {
    const visitor: Visitor = {
      sessions: this.#sessions,
      headersFor: (asked) => this.#headersFor(asked),
      keep: (changes) => this.#keep(changes),
    };
    return visitAs(visitor, handler, options);
  }

  #keep({ cookies }: HeaderChanges): void {
    for (const line of cookies) {
      const [pair = "", ...attributes] = line.split("; ");
      const cut = pair.indexOf("=");
      const name = pair.slice(0, cut);
      if (attributes.includes("Max-Age=0")) this.jar.delete(name);
      else this.jar.set(name, pair.slice(cut + 1));
    }
  }

  #headersFor({ method = "GET", headers = {} }: VisitOptions): Readonly<Record<string, string>> {
    const isUnsafe = method !== "GET" && method !== "HEAD";
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join("; ");
    return {
      ...(isUnsafe && { "sec-fetch-site": "same-origin" }),
      ...(cookie && { cookie }),
      ...headers,
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
