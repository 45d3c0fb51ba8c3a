import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestView } from "../../test/support/request-view.ts";
import type { Connection } from "../core/request.ts";
import { InsecureTransportError, InvalidOptionError } from "../errors.ts";
import { header } from "./header.ts";

const TOKEN = "t".repeat(64);
const secure: Connection = { door: "secure", origins: ["https://app.example"], port: "443", seen: "https" };
const closed: Connection = { door: "closed", origins: [], port: "80", seen: "plain http from 10.0.0.7" };
const nothing = { user: [], visitor: [], either: [], csrf: null, ambient: false };

const view = (headers: Record<string, string>) => requestView({ headers });
const read = (authorization: string) => header().read(view({ authorization }), secure);

describe("what is read", () => {
  it("is one token under the scheme Bearer, in any case", () => {
    for (const scheme of ["Bearer", "bearer", "BEARER", "Bearer  "]) {
      expect(read(`${scheme} ${TOKEN}`)).toEqual({ ...nothing, either: [TOKEN] });
    }
  });

  it("is nothing under other schemes and without the header", () => {
    for (const text of ["", `Basic ${TOKEN}`, `Bearertoken ${TOKEN}`, TOKEN])
      expect(read(text)).toEqual(nothing);
    expect(header().read(view({}), secure)).toEqual(nothing);
  });

  it("is something malformed where the scheme is ours and the token is none, and what it was is not kept", () => {
    for (const text of ["Bearer", "Bearer ", `Bearer ${"x".repeat(257)}`]) {
      expect(read(text)).toEqual({ ...nothing, either: [""] });
    }
  });

  it("X1: is nothing over plain http", () => {
    expect(header().read(view({ authorization: `Bearer ${TOKEN}` }), closed)).toEqual(nothing);
  });

  it("never throws and never gives more than one text, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const { either } = read(text.startsWith("Bearer") ? text : `Bearer ${text}`);
        expect(either).toHaveLength(1);
        expect(either[0]?.length).toBeLessThanOrEqual(256);
      }),
    );
  });

  it("is the bare text of a header of the application's choice", () => {
    const custom = header({ request: "X-Api-Key" });
    expect(custom.read(view({ "x-api-key": TOKEN }), secure)).toEqual({ ...nothing, either: [TOKEN] });
    expect(custom.read(view({ authorization: `Bearer ${TOKEN}` }), secure)).toEqual(nothing);
    expect(custom.reads).toEqual(["X-Api-Key"]);
  });
});

describe("what a client says of itself", () => {
  const said = (text: string, name = "session"): readonly boolean[] => {
    const transport = header({ name });
    const request = view({ [`${name}-client`]: text });
    return [transport.asks(request), transport.rotates(request)];
  };

  it("is that it keeps tokens, and maybe that it follows rotation", () => {
    expect(said("header")).toEqual([true, false]);
    for (const text of ["header, rotate", "Header,rotate", "header ,\trotate"])
      expect(said(text)).toEqual([true, true]);
    expect(said("header, rotate", "admin")).toEqual([true, true]);
  });

  it("is nothing where it says anything else", () => {
    for (const text of [
      "",
      "cookie",
      "rotate",
      "rotate, header",
      "header, header",
      "header, rotate, x",
      "headers",
    ]) {
      expect(said(text)).toEqual([false, false]);
    }
    expect(header().asks(view({}))).toBe(false);
  });
});

describe("what is written", () => {
  const write = (what: "user" | "visitor" | "csrf", value: string | null, connection = secure) =>
    header().write({ what, value, maxAge: null }, connection);

  it("is one header for a user's token, another for a visitor's, and a word that takes each away", () => {
    expect(write("user", TOKEN)).toEqual(["session-token", TOKEN]);
    expect(write("visitor", TOKEN)).toEqual(["session-visitor", TOKEN]);
    expect(write("user", null)).toEqual(["session-token", "none"]);
    expect(write("csrf", "secret")).toBeNull();
  });

  it("X1: is refused over plain http", () => {
    expect(() => write("user", TOKEN, closed)).toThrow(InsecureTransportError);
  });
});

describe("options", () => {
  it.each([
    ["header.request", { request: "" }],
    ["header.request", { request: "x key" }],
    ["header.request", { request: "Cookie" }],
    ["header.request", { request: "Sec-Token" }],
    ["header.request", { request: "X-CSRF-Token" }],
    ["header.request", { request: "session-token" }],
    ["header.request", { request: 7 }],
    ["header.name", { name: "x\r\ny" }],
    ["header.name", { name: "-x" }],
    ["header.nonsense", { nonsense: true }],
  ])("%s is refused: %j", (option, options) => {
    expect(() => header(options as object)).toThrow(InvalidOptionError);
    expect(() => header(options as object)).toThrow(`Option ${option}`);
  });
});
