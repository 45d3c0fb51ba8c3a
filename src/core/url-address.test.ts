import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assembleSessions } from "../create-sessions.ts";
import { InvalidArgumentError, InvalidOptionError } from "../errors.ts";
import { memoryStore } from "../stores/memory.ts";
import type { AnyOptions } from "./options.ts";
import { checkDestination, readAddress, withToken } from "./url-address.ts";

const OWN = "https://app.example";
const TOKEN = "t".repeat(64);
const rules = { own: OWN, audiences: [OWN, "https://pay.example"], parameter: "session" };

const schemes = fc
  .tuple(
    fc.constantFrom("a:", "javascript:", "data:", "http:", "https://", "//", "/\\\\", "file:///", "///"),
    fc.string(),
  )
  .map(([scheme, rest]) => `${scheme}${rest}?session=t`);

describe("an address", () => {
  it("gives back what was put in, and itself without it", () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webQueryParameters(), (path, query) => {
        const to = `https://pay.example${path || "/"}?${query}`;
        fc.pre(!new URL(to).searchParams.has("session"));
        const destination = checkDestination(to, rules);
        const made = withToken(destination, "session", TOKEN);
        const { tokens, route, clean } = readAddress(made, "session");
        expect(tokens).toEqual([TOKEN]);
        expect(route).toBe(destination.route);
        expect(clean).not.toContain(TOKEN);
        const plain = new URL(to);
        expect(clean).toBe(plain.pathname.replace(/^\/+/, "/") + (query === "" ? "" : plain.search));
      }),
    );
  });

  it("goes on at a path of this site, whatever came", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.webUrl(), schemes), (text) => {
        const { clean } = readAddress(text, "session");
        expect(clean).toMatch(/^\/(?![/\\])/);
        expect(clean).not.toMatch(/[\r\n\0]/);
        expect(new URL(clean, OWN).origin).toBe(OWN);
        expect(readAddress(clean, "session").tokens).toEqual([]);
      }),
    );
  });

  it("that no browser asks for is none; what is no text is a mistake of the caller", () => {
    for (const text of ["a:", "javascript:alert(1)?session=t", "http://[", "data:text/html,x?session=t"])
      expect(readAddress(text, "session")).toEqual({ tokens: [], route: "/", clean: "/" });
    expect(() => readAddress(undefined as never, "session")).toThrow(InvalidArgumentError);
  });

  it("is told apart from a longer or differently written parameter by its decoded name", () => {
    expect(readAddress("/a?%73ession=1&sessions=2&SESSION=3&session=4", "session").tokens).toEqual([
      "1",
      "4",
    ]);
  });
});

describe("the option url", () => {
  const make = (url: unknown, more: object = {}) =>
    assembleSessions({ store: memoryStore(), mode: "development", ...more, url } as AnyOptions);

  it.each([
    ["url.lifetime", { lifetime: "5m1s" }],
    ["url.lifetime", { lifetime: 300_001 }],
    ["url.lifetime", { lifetime: 0 }],
    ["url.parameter", { parameter: "a b" }],
    ["url.parameter", { parameter: "" }],
    ["url.to", { to: ["pay.example"] }],
    ["url.to", { to: ["https://pay.example/path"] }],
    ["url.nonsense", { nonsense: 1 }],
    ["url", true],
  ])("%s is refused: %j", (option, url) => {
    expect(() => make(url)).toThrow(InvalidOptionError);
    expect(() => make(url)).toThrow(`Option ${option}`);
  });

  it("is off by default, and described when it is on", () => {
    expect(make(undefined).describe()).toMatchObject({ url: null });
    expect(make({}).describe()).toMatchObject({ url: { to: [], lifetimeMs: 60_000, parameter: "session" } });
    expect(() => make({ lifetime: "5m" })).not.toThrow();
  });
});
