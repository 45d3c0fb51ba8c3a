import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { requestView, type ViewParts } from "../../test/support/request-view.ts";
import { InvalidOptionError } from "../errors.ts";
import { networkOf, parseAddress } from "./address.ts";
import { createNetworkReader } from "./client-address.ts";

type Trust = number | readonly string[] | undefined;

function network(text: string): string | null {
  const address = parseAddress(text);
  return address && networkOf(address);
}

function seen(
  trustProxy: Trust,
  peer: string | undefined,
  headers: ViewParts["headers"] = {},
): string | null {
  return createNetworkReader(trustProxy)(requestView({ peer, headers }));
}

describe("the network of an address", () => {
  it.each([
    ["203.0.113.9", "203.0.113.0/24"],
    ["203.0.113.0", "203.0.113.0/24"],
    ["0.0.0.0", "0.0.0.0/24"],
    ["255.255.255.255", "255.255.255.0/24"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"],
    ["2001:DB8:0001::1", "2001:db8:1::/48"],
    ["2001:db8::1", "2001:db8::/48"],
    ["2001:0:1::", "2001:0:1::/48"],
    ["::1", "::/48"],
    ["::", "::/48"],
    ["fe80::1%eth0", "fe80::/48"],
    ["fe80::1%25eth0", "fe80::/48"],
    ["::ffff:203.0.113.9", "203.0.113.0/24"],
    ["::FFFF:cb00:7109", "203.0.113.0/24"],
    ["0:0:0:0:0:ffff:203.0.113.9", "203.0.113.0/24"],
    ["2002:cb00:7109::1", "203.0.113.0/24"],
    ["64:ff9b::203.0.113.9", "64:ff9b::/48"],
    ["::203.0.113.9", "::/48"],
  ])("%s is in %s", (address, expected) => expect(network(address)).toBe(expected));

  it.each([
    "",
    "unknown",
    "_hidden",
    "203.0.113",
    "203.0.113.9.1",
    "203.0.113.09",
    "0203.0.113.9",
    "203.0.113.256",
    "203.0.113.9%eth0",
    "0x7f.0.0.1",
    "127.1",
    "2130706433",
    "203.0.113.-9",
    " 203.0.113.9",
    "203.0.113.9\n",
    "203.0.113.9/24",
    "1::2::3",
    ":::",
    ":",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "12345::",
    "::ffff:203.0.113.256",
    "203.0.113.9::",
    "::1]",
    "::1/64",
    "[::1",
    "::1]@evil.example",
    "%eth0",
    "٢٠٣.0.113.9",
  ])("%j is no address", (text) => expect(network(text)).toBeNull());

  it("holds the address, and is the same for all of its neighbours", () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (address) => {
        const found = network(address) ?? "";
        const [base = "", bits] = found.split("/");
        const list = new BlockList();
        list.addSubnet(base, Number(bits), isIP(base) === 6 ? "ipv6" : "ipv4");
        const isEmbedded = isIP(address) === 6 && isIP(base) === 4;
        if (!isEmbedded) expect(list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")).toBe(true);
        expect(bits).toBe(isIP(base) === 6 ? "48" : "24");
        expect(network(base)).toBe(found);
      }),
      { numRuns: 2000 },
    );
  });

  it("says nothing of the part that is cut off", () => {
    const byte = fc.integer({ min: 0, max: 255 });
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const rest = fc.array(group, { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(byte, byte, byte, byte, byte, (a, b, c, one, other) => {
        expect(network(`${a}.${b}.${c}.${one}`)).toBe(network(`${a}.${b}.${c}.${other}`));
        expect(network(`::ffff:${a}.${b}.${c}.${one}`)).toBe(network(`${a}.${b}.${c}.${other}`));
      }),
    );
    fc.assert(
      fc.property(group, group, rest, rest, (second, third, one, other) => {
        const prefix = `2a00:${second}:${third}`;
        expect(network([prefix, ...one].join(":"))).toBe(network([prefix, ...other].join(":").toUpperCase()));
      }),
    );
  });

  it("is found in nothing but addresses, and never throws", () => {
    fc.assert(
      fc.property(anyText(45), (text) => {
        const [bare = ""] = text.split("%", 1);
        expect(network(text) !== null).toBe(isIP(text) === 4 || isIP(bare) === 6);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("without declared proxies", () => {
  it.each([
    ["203.0.113.9", "203.0.113.0/24"],
    ["::ffff:203.0.113.9", "203.0.113.0/24"],
    ["2001:db8:1:2::9", "2001:db8:1::/48"],
    ["fe80::1%eth0", "fe80::/48"],
    [undefined, null],
    ["", null],
    ["/run/app.sock", null],
  ])("the peer %s is in %s", (peer, expected) => expect(seen(undefined, peer)).toBe(expected));

  it("headers count for nothing", () => {
    const headers = {
      "x-forwarded-for": "198.51.100.1",
      forwarded: "for=198.51.100.1",
      "x-real-ip": "198.51.100.1",
      "cf-connecting-ip": "198.51.100.1",
      "true-client-ip": "198.51.100.1",
      "x-client-ip": "198.51.100.1",
    };
    expect(seen(undefined, "203.0.113.9", headers)).toBe("203.0.113.0/24");
    expect(seen(["10.0.0.0/8"], "203.0.113.9", headers)).toBe("203.0.113.0/24");
    expect(seen(undefined, undefined, headers)).toBeNull();
  });
});

describe("behind declared proxies", () => {
  const hop = 1;
  const ranges = ["10.0.0.0/8", "fd00::/8"];
  const client = "198.51.100.0/24";

  const cases: readonly (readonly [string, Trust, Record<string, string>, string | null])[] = [
    ["one hop names the client", hop, { "x-forwarded-for": "198.51.100.7" }, client],
    ["with a port", hop, { "x-forwarded-for": "198.51.100.7:4711" }, client],
    ["IPv6 in brackets, with a port", hop, { "x-forwarded-for": "[2001:db8:5::7]:4711" }, "2001:db8:5::/48"],
    ["IPv6 without brackets", hop, { "x-forwarded-for": "2001:db8:5::7" }, "2001:db8:5::/48"],
    ["a mapped address", hop, { "x-forwarded-for": "::ffff:198.51.100.7" }, client],
    ["one hop appended to a forgery", hop, { "x-forwarded-for": "6.6.6.6, 198.51.100.7" }, client],
    ["two hops, before them a forgery", 2, { "x-forwarded-for": "6.6.6.6, 198.51.100.7, 10.0.0.8" }, client],
    ["ranges, before them a forgery", ranges, { "x-forwarded-for": "6.6.6.6,198.51.100.7,10.0.0.8" }, client],
    ["a forgery of our own range", ranges, { "x-forwarded-for": "10.0.0.5, 198.51.100.7, 10.0.0.8" }, client],
    ["ranges with ports", ranges, { "x-forwarded-for": "198.51.100.7:1, [fd00::1]:80, 10.0.0.8:9" }, client],
    ["all inside", ranges, { "x-forwarded-for": "10.1.2.3, 10.0.0.8" }, "10.1.2.0/24"],
    ["Forwarded", hop, { forwarded: 'for=198.51.100.7;proto=https;by="10.0.0.7"' }, client],
    ["Forwarded with IPv6", hop, { forwarded: 'for="[2001:db8:5::7]:4711"' }, "2001:db8:5::/48"],
    ["Forwarded with a forgery in front", hop, { forwarded: "for=6.6.6.6, for=198.51.100.7" }, client],
    ["Forwarded over ranges", ranges, { forwarded: "for=6.6.6.6, for=198.51.100.7, for=10.0.0.8" }, client],
    [
      "both, the same, in other words",
      hop,
      { "x-forwarded-for": "198.51.100.7:99", forwarded: 'for="[::ffff:c633:6407]"' },
      client,
    ],
    [
      "Forwarded that speaks of the scheme alone",
      hop,
      { "x-forwarded-for": "198.51.100.7", forwarded: "proto=https" },
      client,
    ],
    ["both, not the same", hop, { "x-forwarded-for": "198.51.100.7", forwarded: "for=198.51.100.8" }, null],
    ["a client's own Forwarded", hop, { "x-forwarded-for": "198.51.100.7", forwarded: "for=6.6.6.6" }, null],
    ["a malformed Forwarded", hop, { "x-forwarded-for": "198.51.100.7", forwarded: "for=;" }, null],
    ["a hidden name", hop, { forwarded: "for=_hidden" }, null],
    ["an unknown one", hop, { forwarded: "for=unknown" }, null],
    [
      "an unknown one beside a good one",
      hop,
      { "x-forwarded-for": "198.51.100.7", forwarded: "for=unknown" },
      null,
    ],
    ["nonsense", hop, { "x-forwarded-for": "198.51.100.7, nonsense" }, null],
    ["nothing", hop, {}, null],
    ["an empty header", hop, { "x-forwarded-for": "" }, null],
    ["headers of other names", hop, { "x-real-ip": "198.51.100.7" }, null],
    ["a header too long to read", hop, { "x-forwarded-for": `${"1.1.1.1,".repeat(2000)}198.51.100.7` }, null],
    ["zone ids", hop, { "x-forwarded-for": "[fe80::7%eth0]:80" }, "fe80::/48"],
  ];

  it.each(cases)("%s", (_, trust, headers, expected) => {
    expect(seen(trust, "10.0.0.7", headers)).toBe(expected);
  });

  it("a proxy behind a socket file counts by its number", () => {
    expect(seen(1, undefined, { "x-forwarded-for": "198.51.100.7" })).toBe(client);
    expect(seen(ranges, undefined, { "x-forwarded-for": "198.51.100.7" })).toBeNull();
  });

  it("bad options are refused", () => {
    for (const trust of [0, [], ["0.0.0.0/0"], ["x"]]) {
      expect(() => createNetworkReader(trust)).toThrow(InvalidOptionError);
    }
  });
});

describe("forged headers", () => {
  const NAMES = [
    "x-forwarded-for",
    "forwarded",
    "x-real-ip",
    "x-client-ip",
    "via",
    "cf-connecting-ip",
  ] as const;
  const value = fc.oneof(
    anyText(40),
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4().map((address) => `for=${address}`),
    fc.array(fc.oneof(fc.ipV4(), fc.string()), { maxLength: 5 }).map((list) => list.join(", ")),
  );
  const headers = fc.dictionary(fc.constantFrom(...NAMES), value);

  it("from a peer that is no declared proxy change nothing", () => {
    const outside = fc.oneof(fc.ipV4(), fc.ipV6()).filter((address) => !/^10\.|10\./.test(address));
    fc.assert(
      fc.property(outside, headers, (peer, forged) => {
        for (const trust of [undefined, ["10.0.0.0/8"]]) {
          expect(seen(trust, peer, forged)).toBe(seen(trust, peer));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("sent through a proxy that appends can hide the client, and never move it elsewhere", () => {
    fc.assert(
      fc.property(fc.constantFrom("x-forwarded-for", "forwarded"), headers, value, (name, forged, text) => {
        const own = name === "forwarded" ? "for=198.51.100.7" : "198.51.100.7";
        for (const trust of [1, ["10.0.0.0/8"]]) {
          const sent = { ...forged, [name]: `${text}, ${own}` };
          expect([null, "198.51.100.0/24"]).toContain(seen(trust, "10.0.0.7", sent));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("never make it throw, and only a network comes out", () => {
    fc.assert(
      fc.property(fc.option(anyText(40), { nil: undefined }), headers, (peer, forged) => {
        for (const trust of [undefined, 1, 3, ["10.0.0.0/8"]]) {
          const found = seen(trust, peer, forged);
          if (found !== null) expect(found).toMatch(/^(?:[0-9.]+\.0\/24|[0-9a-f:]*::\/48)$/);
        }
      }),
      { numRuns: 500 },
    );
  });
});
