/** A fetch `Request` as the core sees it. */
import type { RequestView } from "../core/request.ts";

export class FetchView implements RequestView {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  get method(): string {
    return this.#request.method;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  get encrypted(): boolean {
    return this.#request.url.startsWith("https:");
  }

  /** A Request does not tell who sent it. */
  get peer(): string | undefined {
    return undefined;
  }

  get host(): string {
    return this.header("host") ?? new URL(this.#request.url).host;
  }

  get upgrade(): boolean {
    return this.header("upgrade") !== undefined;
  }
}
