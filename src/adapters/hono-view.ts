/** A Hono context as the core sees it. */
import type { Context } from "hono";
import { FetchView } from "./fetch-view.ts";

/** What @hono/node-server passes beside the request. */
interface NodeBindings {
  readonly incoming?: { readonly socket?: { readonly remoteAddress?: string | undefined } };
}

export class HonoView extends FetchView {
  readonly #env: NodeBindings | undefined;

  constructor(c: Context) {
    super(c.req.raw);
    this.#env = c.env as NodeBindings | undefined;
  }

  /** Known on Node's server; other runtimes tell it each in a way of its own. */
  override get peer(): string | undefined {
    return this.#env?.incoming?.socket?.remoteAddress;
  }
}
