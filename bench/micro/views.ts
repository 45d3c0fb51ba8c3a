/** Requests as an adapter shows them, without a network. */
import type { RequestView } from "../../src/core/request.ts";

export const ORIGIN = "https://shop.example";

export function viewOf(method: string, headers: Readonly<Record<string, string>> = {}): RequestView {
  return {
    method,
    header: (name) => (name === "host" ? "shop.example" : headers[name]),
    encrypted: true,
    peer: "192.0.2.1",
    host: "shop.example",
    upgrade: false,
  };
}
