import { describe, expect, test } from "vitest";
import type { NodeRequest } from "./node-types.ts";
import { NodeView } from "./node-view.ts";

function viewOf(request: Partial<NodeRequest> & { readonly originalMethod?: string }): NodeView {
  return new NodeView({
    method: "GET",
    headers: {},
    httpVersionMajor: 1,
    socket: {},
    ...request,
  } as NodeRequest);
}

describe("a Node request's view", () => {
  test("of a plain request over TLS", () => {
    const view = viewOf({
      headers: { host: "app.example", cookie: "a=1; b=2" },
      socket: { remoteAddress: "192.0.2.1", encrypted: true },
    });
    expect([view.method, view.header("cookie"), view.header("origin")]).toEqual([
      "GET",
      "a=1; b=2",
      undefined,
    ]);
    expect([view.encrypted, view.peer, view.host, view.upgrade]).toEqual([
      true,
      "192.0.2.1",
      "app.example",
      false,
    ]);
  });

  test("of an HTTP/2 request takes the host from :authority", () => {
    expect(viewOf({ headers: { ":authority": "app.example", host: "other.example" } }).host).toBe(
      "app.example",
    );
  });

  test.each([
    [{ upgrade: "websocket" }, true],
    [{ upgrade: "h2c" }, false],
    [{ upgrade: "H2C" }, false],
    [{ ":protocol": "websocket" }, true],
    [{}, false],
  ])("tells an upgrade from its headers: %j", (headers, expected) => {
    expect(viewOf({ headers }).upgrade).toBe(expected);
  });

  test.each([
    ["DELETE", "POST", "DELETE"],
    ["GET", "POST", "POST"],
    ["DELETE", "GET", "DELETE"],
    ["GET", undefined, "GET"],
  ])("behind a method override (%s, sent as %s) has the more dangerous method", (method, sent, judged) => {
    expect(viewOf({ method, ...(sent && { originalMethod: sent }) }).method).toBe(judged);
  });
});
