/**
 * A client that keeps its tokens itself, without a network: what an application on a phone or another server does with
 * `header()`. It says nothing of where its requests come from, as only browsers do.
 */
import type { HeaderChanges } from "../core/exchange-contract.ts";
import { type Handler, type Visited, type VisitOptions, visitAs } from "./visit.ts";

export interface NativeClientOptions {
  /** Takes part in rotation. Default false. */
  readonly rotate?: boolean;
  /** The options given to `header()`. */
  readonly request?: string;
  readonly name?: string;
}

export class NativeClient {
  /** By the part of the header's name behind the hyphen: `token` for a user's, `visitor`, `pending`. */
  readonly tokens: Map<string, string> = new Map();
  readonly #sessions: object;
  readonly #options: NativeClientOptions;

  constructor(
    sessions: object,
    options: NativeClientOptions = {},
    tokens: ReadonlyMap<string, string> = new Map(),
  ) {
    this.#sessions = sessions;
    this.#options = options;
    for (const [name, token] of tokens) this.tokens.set(name, token);
  }

  /** Another one with the tokens as they are now: a thief, or a second process. */
  copy(options: NativeClientOptions = this.#options): NativeClient {
    return new NativeClient(this.#sessions, options, this.tokens);
  }

  async visit<T>(handler: Handler<T>, options: VisitOptions = {}): Promise<Visited<T>> {
    const visited = await this.visitLater(handler, options);
    if (!options.lose) visited.deliver();
    return visited;
  }

  /** The same, but the answer stays on the way until `deliver()`. */
  visitLater<T>(handler: Handler<T>, options: VisitOptions = {}): Promise<Visited<T>> {
    const visitor = {
      sessions: this.#sessions,
      headersFor: (asked: VisitOptions) => ({ ...this.headers, ...asked.headers }),
      keep: (changes: HeaderChanges) => this.keep(changes.set),
    };
    return visitAs(visitor, handler, options);
  }

  /** What it sends with each request. */
  get headers(): Readonly<Record<string, string>> {
    const { rotate, request = "authorization", name = "session" } = this.#options;
    const token = this.tokens.get("token") ?? this.tokens.get("visitor");
    const beside = [...this.tokens].filter(([kind]) => kind !== "token" && kind !== "visitor");
    return {
      ...Object.fromEntries(beside.map(([kind, value]) => [`${name}-${kind}`, value])),
      [`${name}-client`]: rotate ? "header, rotate" : "header",
      ...(token !== undefined && { [request]: request === "authorization" ? `Bearer ${token}` : token }),
    };
  }

  /** Takes tokens from the headers of an answer; other headers are passed over. */
  keep(headers: Iterable<readonly [name: string, value: string]>): void {
    const prefix = `${this.#options.name ?? "session"}-`;
    for (const [name, value] of headers) {
      if (!name.startsWith(prefix)) continue;
      if (value === "none") this.tokens.delete(name.slice(prefix.length));
      else this.tokens.set(name.slice(prefix.length), value);
    }
  }
}
