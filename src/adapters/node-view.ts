/** A Node request as the core sees it. */
import type { RequestView } from "../core/request.ts";
import type { NodeRequest } from "./node-types.ts";

/** Fields that decide over sessions and that must not say two things. */
const SINGLE: ReadonlySet<string> = new Set(["authorization", "referer"]);
/** Methods that change nothing (RFC 9110 section 9.2.1). */
export const SAFE: RegExp = /^(?:GET|HEAD|OPTIONS)$/;

export class NodeView implements RequestView {
  readonly #request: NodeRequest & { readonly originalMethod?: unknown };

  constructor(request: NodeRequest) {
    this.#request = request;
  }

  /** Where a method-override middleware ran before us, the more dangerous of the two methods (SECURITY C1). */
  get method(): string {
    const { method = "GET", originalMethod } = this.#request;
    return typeof originalMethod === "string" && SAFE.test(method) ? originalMethod : method;
  }

  /** Node joins repeated fields as RFC 9110 section 5.3 says, Cookie included; of these it keeps the first alone. */
  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    if (value !== undefined && SINGLE.has(name)) return this.#repeated(name) ?? String(value);
    return typeof value === "string" ? value : value?.join(", ");
  }

  #repeated(name: string): string | undefined {
    const { rawHeaders = [] } = this.#request;
    const values = rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1]?.toLowerCase() === name);
    return values.length > 1 ? values.join(", ") : undefined;
  }

  get encrypted(): boolean {
    return this.#request.socket.encrypted === true;
  }

  get peer(): string | undefined {
    return this.#request.socket.remoteAddress;
  }

  get host(): string | undefined {
    return this.header(":authority") ?? this.header("host");
  }

  /** h2c is offered by ordinary clients on ordinary requests, and Node never takes it up. */
  get upgrade(): boolean {
    const upgrade = this.header("upgrade");
    if (upgrade !== undefined) return upgrade.toLowerCase() !== "h2c";
    return this.header(":protocol") !== undefined;
  }
}
