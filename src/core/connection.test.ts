import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { requestView, type ViewParts } from "../../test/support/request-view.ts";
import { InvalidOptionError } from "../errors.ts";
import { type ConnectionOptions, createConnectionReader } from "./connection.ts";
import type { Connection } from "./request.ts";

type Options = Omit<ConnectionOptions, "mode"> & { readonly mode?: ConnectionOptions["mode"] };

function connect(options: Options, parts: ViewParts): Connection {
  return createConnectionReader({ mode: "production", ...options })(requestView(parts));
}
const all = ({ door, origins, port, seen }: Connection): object => ({ door, origins, port, seen });

const SHOP = "https://shop.example";
const remote: ViewParts = { peer: "203.0.113.9", host: "shop.example" };
const viaProxy = (headers: Record<string, string>, peer = "10.0.0.7"): ViewParts => ({
  peer,
  host: "shop.example",
  headers,
});

describe("an https origin", () => {
  it("makes every request count as https, whatever came", () => {
    for (const parts of [
      remote,
      {},
      { ...remote, encrypted: true },
      viaProxy({ "x-forwarded-proto": "http" }),
    ]) {
      expect(all(connect({ origin: SHOP }, parts))).toEqual({
        door: "secure",
        origins: [SHOP],
        port: "443",
        seen: "https, as the option origin says",
      });
    }
  });

  it("decides alone when plain http ones stand beside it, and those are not own origins then", () => {
    const both = { origin: ["http://localhost:3000", `${SHOP}:8443`] };
    expect(connect(both, {})).toMatchObject({ door: "secure", origins: [`${SHOP}:8443`], port: "8443" });
  });
});

describe("a TLS socket", () => {
  it("is https, and the own origin comes from Host", () => {
    expect(all(connect({}, { ...remote, encrypted: true }))).toEqual({
      door: "secure",
      origins: [SHOP],
      port: "443",
      seen: "https at this socket",
    });
  });

  it.each([
    ["shop.example:443", ["https://shop.example"], "443"],
    ["shop.example:8443", ["https://shop.example:8443"], "8443"],
    ["SHOP.Example", ["https://shop.example"], "443"],
    ["shop.example.", ["https://shop.example."], "443"],
    ["192.0.2.1:8443", ["https://192.0.2.1:8443"], "8443"],
    ["[2001:db8::1]", ["https://[2001:db8::1]"], "443"],
    ["[2001:db8::1]:8443", ["https://[2001:db8::1]:8443"], "8443"],
    ["under_score.example", ["https://under_score.example"], "443"],
  ])("Host %s gives %j", (host, origins, port) => {
    expect(connect({}, { encrypted: true, host })).toMatchObject({ door: "secure", origins, port });
  });

  it.each([
    undefined,
    "",
    " ",
    "shop.example, evil.example",
    "shop.example/",
    "shop.example:",
    "shop.example:0443",
    "shop.example:99999",
    "user@shop.example",
    "shop.example#",
    "shop.example?x",
    "shop..example",
    "shop.example:80:80",
    "[::1",
    "::1",
    "0x7f.1",
    "127.1",
    "sh\u00f6p.example",
    "shop.example\\",
    "%73hop.example",
    "a".repeat(300),
    "[1::2::3]",
  ])("Host %j gives no origin", (host) => {
    expect(connect({}, { encrypted: true, host })).toMatchObject({ door: "secure", origins: [] });
  });
});

describe("plain http in production", () => {
  it("is closed from everywhere, this machine too", () => {
    expect(connect({}, remote)).toMatchObject({
      door: "closed",
      origins: [],
      seen: "plain http from 203.0.113.9 in production",
    });
    expect(connect({}, {}).door).toBe("closed");
    expect(connect({ origin: "http://localhost:3000" }, {})).toMatchObject({ door: "closed" });
  });
});

describe("the development door", () => {
  const dev = { mode: "development" } as const;

  it.each(["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1", "::FFFF:127.1.2.3", undefined])(
    "is open to the peer %s",
    (peer) => {
      expect(all(connect(dev, { peer }))).toEqual({
        door: "development",
        origins: ["http://localhost:3000"],
        port: "3000",
        seen: "plain http for localhost:3000, in development",
      });
    },
  );

  it.each(["192.168.0.2", "128.0.0.1", "::2", "::ffff:10.0.0.1", "", "127.0.0.1.evil.example", "1127.0.0.1"])(
    "is closed to the peer %s",
    (peer) => expect(connect(dev, { peer })).toMatchObject({ door: "closed", origins: [] }),
  );

  it.each([
    ["localhost", "80", "http://localhost"],
    ["LOCALHOST:3000", "3000", "http://localhost:3000"],
    ["app.localhost:3000", "3000", "http://app.localhost:3000"],
    ["a.b.localhost:80", "80", "http://a.b.localhost"],
    ["127.0.0.1:8080", "8080", "http://127.0.0.1:8080"],
    ["[::1]", "80", "http://[::1]"],
    ["[::1]:3000", "3000", "http://[::1]:3000"],
  ])("is open for the Host %s", (host, port, origin) => {
    expect(connect(dev, { host })).toMatchObject({ door: "development", port, origins: [origin] });
  });

  it.each([
    undefined,
    "",
    "shop.example",
    "192.168.0.2:3000",
    "localhost.evil.example",
    "notlocalhost",
    "evil-localhost:3000",
    "127.0.0.2",
    "localhost:3000, evil.example",
    "localhost:x",
    "localhost@evil.example",
    "[::1].evil.example",
    ".localhost",
  ])("is closed for the Host %j", (host) => expect(connect(dev, { host }).door).toBe("closed"));

  it.each([
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-real-ip",
    "via",
    "x-forwarded-server",
    "x-forwarded-scheme",
    "x-forwarded-ssl",
    "x-client-ip",
    "x-scheme",
    "front-end-https",
    "true-client-ip",
    "cf-connecting-ip",
  ])("is closed by the header %s, whatever it says", (name) => {
    for (const value of ["", "http", "127.0.0.1"]) {
      expect(connect(dev, { headers: { [name]: value } }).door).toBe("closed");
      expect(connect({ ...dev, trustProxy: 1 }, { headers: { [name]: value } }).door).toBe("closed");
    }
  });

  it("takes configured plain http origins as they are", () => {
    const origin = ["http://localhost:3000", "http://app.localhost:3000"];
    expect(connect({ ...dev, origin }, {})).toMatchObject({ door: "development", origins: origin });
  });

  it("stands aside for TLS", () => {
    expect(connect(dev, { encrypted: true })).toMatchObject({
      door: "secure",
      origins: ["https://localhost:3000"],
    });
  });
});

describe("declared proxies", () => {
  const hop = { trustProxy: 1 };
  const range = { trustProxy: ["10.0.0.0/8", "fd00::/8", "192.0.2.1"] };
  const secure = { door: "secure", origins: [SHOP] };
  const closed = { door: "closed", origins: [] };

  const cases: readonly (readonly [string, Options, ViewParts, object])[] = [
    ["one hop says https", hop, viaProxy({ "x-forwarded-proto": "https" }), secure],
    ["one hop says HTTPS", hop, viaProxy({ "x-forwarded-proto": "HTTPS" }), secure],
    ["one hop says wss", hop, viaProxy({ "x-forwarded-proto": "wss" }), secure],
    ["one hop says http", hop, viaProxy({ "x-forwarded-proto": "http" }), closed],
    ["one hop says nothing", hop, viaProxy({}), closed],
    ["one hop says nonsense", hop, viaProxy({ "x-forwarded-proto": "httpsx" }), closed],
    ["one hop says an empty word", hop, viaProxy({ "x-forwarded-proto": "" }), closed],
    [
      "one hop appended http to a forged https",
      hop,
      viaProxy({ "x-forwarded-proto": "https, http" }),
      closed,
    ],
    ["one hop appended https", hop, viaProxy({ "x-forwarded-proto": "http,\thttps" }), secure],
    ["two hops each appended", { trustProxy: 2 }, viaProxy({ "x-forwarded-proto": "https, http" }), secure],
    [
      "two hops, before them a forgery",
      { trustProxy: 2 },
      viaProxy({ "x-forwarded-proto": "https, http, https" }),
      closed,
    ],
    [
      "two hops, only the outer one writes",
      { trustProxy: 2 },
      viaProxy({ "x-forwarded-proto": "https" }),
      secure,
    ],
    ["an address in the range", range, viaProxy({ "x-forwarded-proto": "https" }), secure],
    [
      "a mapped address in the range",
      range,
      viaProxy({ "x-forwarded-proto": "https" }, "::ffff:10.1.1.1"),
      secure,
    ],
    ["an IPv6 address in the range", range, viaProxy({ "x-forwarded-proto": "https" }, "fd12::1"), secure],
    ["a single address", range, viaProxy({ "x-forwarded-proto": "https" }, "192.0.2.1"), secure],
    ["an address outside", range, viaProxy({ "x-forwarded-proto": "https" }, "192.0.2.2"), closed],
    ["an unknown peer", range, { ...viaProxy({ "x-forwarded-proto": "https" }), peer: undefined }, closed],
    [
      "the chain of declared addresses, all appending",
      range,
      viaProxy({ "x-forwarded-for": "203.0.113.9, 10.0.0.8", "x-forwarded-proto": "https, http" }),
      secure,
    ],
    [
      "a chain that a stranger's address interrupts",
      range,
      viaProxy({ "x-forwarded-for": "10.0.0.8, 203.0.113.9", "x-forwarded-proto": "https, http" }),
      closed,
    ],
    [
      "a chain with ports and brackets",
      range,
      viaProxy({
        "x-forwarded-for": "203.0.113.9:1234, [fd00::1]:80, 10.0.0.8:99",
        "x-forwarded-proto": "https, http, http",
      }),
      secure,
    ],
    [
      "a chain of nonsense",
      range,
      viaProxy({ "x-forwarded-for": "unknown, _hidden", "x-forwarded-proto": "https, http" }),
      closed,
    ],
    ["Forwarded", hop, viaProxy({ forwarded: 'for=203.0.113.9;proto=https;by="10.0.0.7"' }), secure],
    ["Forwarded in other letters", hop, viaProxy({ forwarded: "For=1.2.3.4; Proto=HTTPS" }), secure],
    ["Forwarded without proto", hop, viaProxy({ forwarded: "for=203.0.113.9" }), closed],
    ["Forwarded of two hops", hop, viaProxy({ forwarded: "proto=https, proto=http" }), closed],
    [
      "Forwarded of declared addresses",
      range,
      viaProxy({ forwarded: 'for="[2001:db8::1]";proto=https, for=10.0.0.8;proto=http' }),
      secure,
    ],
    ["Forwarded that is malformed", hop, viaProxy({ forwarded: "proto=https; =" }), closed],
    ["Forwarded with a parameter twice", hop, viaProxy({ forwarded: "proto=http;proto=https" }), closed],
    ["Forwarded with an open quote", hop, viaProxy({ forwarded: 'proto="https' }), closed],
    [
      "malformed Forwarded beside X-Forwarded-Proto",
      hop,
      viaProxy({ forwarded: ";", "x-forwarded-proto": "https" }),
      closed,
    ],
    ["both agree", hop, viaProxy({ forwarded: "proto=https", "x-forwarded-proto": "https" }), secure],
    ["both disagree", hop, viaProxy({ forwarded: "proto=https", "x-forwarded-proto": "http" }), closed],
    [
      "both disagree the other way",
      hop,
      viaProxy({ forwarded: "proto=http", "x-forwarded-proto": "https" }),
      closed,
    ],
    [
      "a header too long to read",
      hop,
      viaProxy({ "x-forwarded-proto": `${"a,".repeat(5000)}https` }),
      closed,
    ],
    [
      "https from proxy to here, plain http before it",
      hop,
      { ...viaProxy({ "x-forwarded-proto": "http" }), encrypted: true },
      closed,
    ],
    ["https from proxy to here, nothing said of before", hop, { ...viaProxy({}), encrypted: true }, secure],
  ];

  it.each(cases)("%s", (_, options, parts, expected) => {
    expect(connect(options, parts)).toMatchObject(expected);
  });

  it.each([
    [
      "the forwarded Host of a declared proxy",
      hop,
      { "x-forwarded-host": "Other.example" },
      ["https://other.example"],
    ],
    ["its port", hop, { "x-forwarded-host": "other.example:8443" }, ["https://other.example:8443"]],
    [
      "the last of two, from one hop",
      hop,
      { "x-forwarded-host": "forged.example, other.example" },
      ["https://other.example"],
    ],
    [
      "that of Forwarded",
      hop,
      { forwarded: 'proto=https;host="other.example:8443"' },
      ["https://other.example:8443"],
    ],
    ["none when they disagree", hop, { forwarded: "host=a.example", "x-forwarded-host": "b.example" }, []],
    ["none when it is malformed", hop, { "x-forwarded-host": "a.example/path" }, []],
    ["Host where they say nothing", hop, {}, [SHOP]],
  ])("the own origin comes from %s", (_, options, headers, origins) => {
    const parts = viaProxy({ "x-forwarded-proto": "https", ...headers });
    expect(connect(options, parts).origins).toEqual(origins);
  });
});

describe("what was seen", () => {
  const dev = "development" as const;
  it.each([
    [
      {},
      viaProxy({ "x-forwarded-proto": "https" }),
      "plain http from 10.0.0.7 with X-Forwarded-Proto: https, but trustProxy is not set",
    ],
    [
      { trustProxy: ["10.1.0.0/16"] },
      viaProxy({ "x-forwarded-proto": "https" }),
      "plain http from 10.0.0.7 with X-Forwarded-Proto: https, but trustProxy does not name that address",
    ],
    [
      { trustProxy: 1 },
      viaProxy({ "x-forwarded-proto": "https" }),
      "https, says the declared proxy 10.0.0.7",
    ],
    [
      { trustProxy: 1 },
      viaProxy({ "x-forwarded-proto": "http" }),
      "plain http from 10.0.0.7, a declared proxy whose client used plain http",
    ],
    [
      { trustProxy: 1 },
      viaProxy({}),
      "plain http from 10.0.0.7, a declared proxy that sent no X-Forwarded-Proto",
    ],
    [
      {},
      viaProxy({ "x-forwarded-for": "198.51.100.1" }),
      "plain http from 10.0.0.7 with X-Forwarded-For, but trustProxy is not set",
    ],
    [
      { mode: dev },
      { host: "192.168.0.2:3000" },
      "plain http from 127.0.0.1 for the host 192.168.0.2:3000, not localhost",
    ],
    [{ mode: dev }, { peer: "192.168.0.9" }, "plain http from 192.168.0.9, not from this machine"],
    [
      { mode: dev },
      { peer: undefined, host: undefined },
      "plain http from an unknown address for the host none, not localhost",
    ],
  ] satisfies [Options, ViewParts, string][])("%j: %j", (options, parts, seen) => {
    expect(connect(options, parts).seen).toBe(seen);
  });

  it("shows headers shortened and without control characters", () => {
    const { seen } = connect({}, viaProxy({ "x-forwarded-proto": `\u001b[31m\r\n${"x".repeat(500)}` }));
    expect(seen).toMatch(/^[\x20-\x7e]{1,200}$/);
  });
});

describe("forged forwarding headers", () => {
  const forged = fc.dictionary(
    fc.constantFrom(
      "forwarded",
      "x-forwarded-proto",
      "x-forwarded-host",
      "x-forwarded-for",
      "x-forwarded-port",
    ),
    fc.oneof(
      fc.string(),
      fc.constantFrom("https", "http", "evil.example", "10.0.0.1", "proto=https;host=evil.example"),
    ),
  );
  const peer = fc
    .oneof(fc.ipV4(), fc.ipV6(), fc.constant(undefined))
    .filter((address) => !/10\.|127\./.test(address ?? ""));
  const options = fc.constantFrom<Options>(
    {},
    { mode: "development" },
    { trustProxy: ["10.0.0.0/8"] },
    { origin: SHOP },
  );

  it("from an undeclared peer change nothing", () => {
    fc.assert(
      fc.property(options, peer, fc.boolean(), forged, (given, address, encrypted, headers) => {
        const parts = { peer: address, host: "shop.example", encrypted };
        const { door, origins, port } = connect(given, parts);
        expect(connect(given, { ...parts, headers })).toMatchObject({ door, origins, port });
      }),
      { numRuns: 500 },
    );
  });

  it("prepended by a client do not get past a declared proxy that appends", () => {
    fc.assert(
      fc.property(fc.constantFrom("x-forwarded-proto", "forwarded"), fc.string(), (name, text) => {
        const own = name === "forwarded" ? "proto=http" : "http";
        for (const trust of [1, ["10.0.0.0/8"]]) {
          const parts = viaProxy({ [name]: `${text}, ${own}`, "x-forwarded-for": `${text}, 203.0.113.9` });
          expect(connect({ trustProxy: trust }, parts).door).toBe("closed");
        }
      }),
    );
  });

  it("never make the reader throw", () => {
    const text = fc.option(anyText(30), { nil: undefined });
    fc.assert(
      fc.property(options, text, text, forged, (given, address, host, headers) => {
        for (const trust of [undefined, 1, 3]) {
          const withTrust = trust === undefined ? given : { ...given, trustProxy: trust };
          const connection = connect(withTrust, { peer: address, host, headers });
          expect(connection.origins.length).toBeLessThan(2);
          expect(connection.port).toMatch(/^[0-9]{1,5}$/);
          expect(connection.seen).toMatch(/^[\x20-\x7e]+$/);
        }
      }),
    );
  });
});

describe("the options", () => {
  const make = (options: object) => () => createConnectionReader({ mode: "production", ...options });

  it.each([
    "shop.example",
    "//shop.example",
    "https://shop.example/",
    "https://shop.example/path",
    "https://SHOP.example",
    "https://shop.example:443",
    "https://user@shop.example",
    "https://*.shop.example",
    "https://*",
    "*",
    "null",
    "",
    "ftp://shop.example",
    "file:///x",
    "https://",
    "https://shop.example?x",
    "https://shop.example#x",
    " https://shop.example",
    "https://sh\u00f6p.example",
    "http://shop.example",
    "http://127.0.0.2:3000",
    "http://192.168.0.2",
    5,
    null,
    ["https://a.example", "b"],
    [5],
    {},
    [],
  ])("origin %j is refused", (origin) => {
    expect(make({ origin })).toThrow(InvalidOptionError);
    expect(make({ origin })).toThrow("Option origin: ");
  });

  it("an origin is refused with the form it should have", () => {
    expect(make({ origin: "https://Shop.example:443/x" })).toThrow(
      'exactly as browsers send it: "https://shop.example"',
    );
  });

  it.each([
    SHOP,
    "https://shop.example:8443",
    "https://xn--shp-sna.example",
    "https://192.0.2.1",
    "https://[2001:db8::1]:8443",
    "http://localhost:3000",
    "http://app.localhost",
    "http://127.0.0.1:8080",
    "http://[::1]:3000",
    [SHOP, SHOP],
    undefined,
  ])("origin %j is taken", (origin) => expect(make({ origin })).not.toThrow());

  it("plain http origins are taken in development", () => {
    const read = createConnectionReader({ mode: "development", origin: "http://192.168.0.2:3000" });
    expect(read(requestView({ host: "192.168.0.2:3000" }))).toMatchObject({
      door: "closed",
      origins: ["http://192.168.0.2:3000"],
    });
  });

  it.each([
    0,
    -1,
    1.5,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    true,
    "10.0.0.0/8",
    null,
    {},
    [],
    [""],
    ["loopback"],
    ["10.0.0.0/33"],
    ["10.0.0.0/-1"],
    ["10.0.0.0/8.5"],
    ["10.0.0.0/08"],
    ["10.0.0.0/"],
    ["10.0.0.0/8/8"],
    ["10.0.0"],
    ["010.0.0.1"],
    ["fd00::/129"],
    ["fe80::1%eth0"],
    ["shop.example"],
    ["0.0.0.0/0"],
    ["::/0"],
    [5],
    [null],
    ["10.0.0.0/8", "x"],
  ])("trustProxy %j is refused", (trustProxy) => {
    expect(make({ trustProxy })).toThrow(InvalidOptionError);
    expect(make({ trustProxy })).toThrow("Option trustProxy: ");
  });

  it.each([1, 3, ["10.0.0.0/8"], ["10.0.0.1"], ["::1", "fd00::/8", "127.0.0.0/8"], undefined])(
    "trustProxy %j is taken",
    (trustProxy) => expect(make({ trustProxy })).not.toThrow(),
  );
});
