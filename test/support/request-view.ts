/** A request as an adapter would show it to the core, from a few headers. */
import type { RequestView } from "../../src/core/request.ts";

export type ViewParts = Partial<Omit<RequestView, "header">> & {
  readonly headers?: Readonly<Record<string, string>>;
};

/** Plain http from this machine to localhost:3000, unless said otherwise. Header names in lower case. */
export function requestView({ headers = {}, ...parts }: ViewParts = {}): RequestView {
  return {
    method: "GET",
    encrypted: false,
    peer: "127.0.0.1",
    host: "localhost:3000",
    upgrade: false,
    ...parts,
    header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
  };
}
