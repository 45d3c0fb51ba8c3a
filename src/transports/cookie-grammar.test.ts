import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { InvalidArgumentError } from "../errors.ts";
import {
  findCookies,
  isCookieDomain,
  isCookieName,
  MAX_AGE_SECONDS,
  MAX_HEADER_LENGTH,
  MAX_PAIRS,
  type SetCookie,
  serialiseSetCookie,
} from "./cookie-grammar.ts";

const one = (header: string, name = "sid"): readonly string[] => findCookies(header, [name])[0] ?? [];

describe("reading a Cookie header", () => {
  it.each([
    ["sid=abc", ["abc"]],
    ["a=1; sid=abc; b=2", ["abc"]],
    ["a=1;sid=abc;b=2", ["abc"]],
    [" \tsid \t= \tabc \t; b=2", ["abc"]],
    ["sid=one; sid=two; sid=one", ["one", "two", "one"]],
    ["sid=", [""]],
    ["sid==a=b=", ["=a=b="]],
    ['sid="abc"', ['"abc"']],
    ["sid=%61bc", ["%61bc"]],
    ["sid=a b", ["a b"]],
    [";;; sid=abc;;", ["abc"]],
    ["nameless; sid=abc", ["abc"]],
    ["sid; sid=abc", ["abc"]],
    ["$Version=1; sid=abc; $Path=/", ["abc"]],
    ["sid=abc, sid=def", ["abc, sid=def"]],
    ["", []],
    [";", []],
    ["=", []],
  ])("%j gives %j", (header, values) => expect(one(header)).toEqual(values));

  it("finds several names in one pass, each in the order of the header", () => {
    expect(findCookies("b=1; a=2; c=3; b=4; a=5", ["a", "b", "d"])).toEqual([["2", "5"], ["1", "4"], []]);
  });

  it("finds names that are the beginning or the end of another", () => {
    expect(findCookies("sid-anon=1; sid=2; xsid=3", ["sid", "sid-anon"])).toEqual([["2"], ["1"]]);
  });

  // SECURITY C11, D13: ways in which other parsers took a foreign cookie for a prefixed one.
  it.each([
    "\u00a0sid=x",
    "sid\u00a0=x",
    "\u2000sid=x",
    "\ufeffsid=x",
    "\u0000sid=x",
    "\vsid=x",
    "\fsid=x",
    "\rsid=x",
    "\nsid=x",
    "SID=x",
    "Sid=x",
    "s id=x",
    ".sid=x",
    "sid.=x",
    "[sid=x",
    "sid[=x",
    "sid[]=x",
    "=sid=x",
    "==sid=x",
    ' "sid"=x',
    "%73id=x",
    "$sid=x",
    "sid",
    "sid;=x",
    "a=sid=x",
    "a=\tsid=x",
    'a="; sid"=x',
  ])("%j has no cookie of ours", (header) => expect(one(header)).toEqual([]));

  it("knows names that are properties of every object", () => {
    expect(one("a=1; __proto__=x", "__proto__")).toEqual(["x"]);
    expect(findCookies("__proto__=x; constructor=y", ["toString"])).toEqual([[]]);
  });

  it("does not end a quoted value at anything but a semicolon, as browsers do not", () => {
    expect(one('sid="a; b=1"')).toEqual(['"a']);
    expect(one('a="; sid=x')).toEqual(["x"]);
  });

  it("reads 200 pairs and 64 KiB, and no more", () => {
    const filler = Array.from({ length: MAX_PAIRS - 1 }, (_, index) => `c${index}=1`).join("; ");
    expect(one(`${filler}; sid=x`)).toEqual(["x"]);
    expect(one(`${filler}; d=1; sid=x`)).toEqual([]);
    const rest = "a=".padEnd(MAX_HEADER_LENGTH - "; sid=x".length, "y");
    expect(one(`${rest}; sid=x`)).toEqual(["x"]);
    expect(one(`${rest}y; sid=x`)).toEqual([]);
    expect(one(`sid=x; ${rest}y`)).toEqual([]);
  });

  it("asks for each character a bounded number of times", () => {
    for (const unit of [";", "=", "a;", "=;", "a", " ", " ;", "sid", "sid;", "\t=", 'a=";']) {
      for (const end of ["", "=", "sid=x"]) {
        const header = unit.repeat((MAX_HEADER_LENGTH - end.length) / unit.length) + end;
        const searched = charactersSearched(() => findCookies(header, ["sid", "anon", "csrf"]));
        expect(searched).toBeLessThan(4 * MAX_HEADER_LENGTH);
      }
    }
  });

  it("agrees with a plain reading of the grammar", () => {
    const piece = fc.constantFrom("sid", "anon", "=", ";", " ", "\t", "\u00a0", "x", '"', ",", "\n");
    const header = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
    const trim = (text: string): string => text.replace(/^[ \t]+/, "").replace(/[ \t]+$/, "");
    fc.assert(
      fc.property(header, (text) => {
        const pairs = text.split(";").flatMap((pair) => {
          const at = pair.indexOf("=");
          return at === -1 ? [] : [[trim(pair.slice(0, at)), trim(pair.slice(at + 1))] as const];
        });
        const plain = ["sid", "anon"].map((name) =>
          pairs.filter(([key]) => key === name).map(([, value]) => value),
        );
        expect(findCookies(text, ["sid", "anon"])).toEqual(plain);
      }),
      { numRuns: 1000 },
    );
  });

  it("has no cookie without a name, even when asked for one", () => {
    expect(one("=x; =; y", "")).toEqual([]);
  });

  it("never throws", () => {
    fc.assert(
      fc.property(anyText(200), fc.string(), (header, name) => {
        expect(findCookies(header, [name])).toHaveLength(1);
      }),
    );
  });
});

/** How many characters `indexOf` went over: what would grow with the square of a hostile header. */
function charactersSearched(run: () => void): number {
  const original = String.prototype.indexOf;
  let searched = 0;
  String.prototype.indexOf = function indexOf(this: string, text: string, from = 0): number {
    const found = original.call(this, text, from);
    searched += (found === -1 ? this.length : found) - from + 1;
    return found;
  };
  try {
    run();
  } finally {
    String.prototype.indexOf = original;
  }
  return searched;
}

const cookie: SetCookie = {
  name: "sid",
  value: "abc",
  path: "/",
  secure: true,
  httpOnly: true,
  sameSite: "Lax",
};
const write = (parts: object): string => serialiseSetCookie({ ...cookie, ...parts });

describe("writing Set-Cookie", () => {
  it.each([
    [{}, "sid=abc; Path=/; Secure; HttpOnly; SameSite=Lax"],
    [{ secure: false, httpOnly: false }, "sid=abc; Path=/; SameSite=Lax"],
    [{ sameSite: "None" }, "sid=abc; Path=/; Secure; HttpOnly; SameSite=None"],
    [
      { value: "", domain: "shop.example", maxAge: 0, expires: new Date(0), sameSite: "Strict", path: "/a" },
      "sid=; Path=/a; Domain=shop.example; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict",
    ],
    [{ name: "__Host-Http-sid" }, "__Host-Http-sid=abc; Path=/; Secure; HttpOnly; SameSite=Lax"],
    [
      { name: "__Http-sid", domain: "a.example" },
      "__Http-sid=abc; Path=/; Domain=a.example; Secure; HttpOnly; SameSite=Lax",
    ],
    [{ maxAge: MAX_AGE_SECONDS }, "sid=abc; Path=/; Max-Age=34560000; Secure; HttpOnly; SameSite=Lax"],
    [
      { value: "!#$%&'()*+-./:<=>?@[]^_`{|}~" },
      "sid=!#$%&'()*+-./:<=>?@[]^_`{|}~; Path=/; Secure; HttpOnly; SameSite=Lax",
    ],
  ])("%j gives %j", (parts, line) => expect(write(parts)).toBe(line));

  const bad = [
    ";",
    "\r",
    "\n",
    "\r\nSet-Cookie: a=b",
    ",",
    "\0",
    "\u007f",
    "\u0001",
    "\u00e9",
    "\u{1f600}",
    " ",
    "\t",
    '"',
    "\\",
  ];
  const fields = ["name", "value", "path", "domain", "sameSite"] as const;
  const allowedInPath = ['"', "\\"];
  it.each(fields)("C10: refuses separators, controls and other alphabets in %s", (field) => {
    for (const text of bad) {
      if (field === "path" && allowedInPath.includes(text)) continue;
      for (const value of [
        text,
        `${cookie.path}a${text}`,
        `Lax${text}`,
        `${text}Lax`,
        `shop${text}.example`,
        `a${text}b`,
      ]) {
        expect(() => write({ [field]: value })).toThrow(InvalidArgumentError);
      }
    }
  });

  it.each([
    { name: "" },
    { name: "a=b" },
    { name: "(a)" },
    { name: "a/b" },
    { name: undefined },
    { value: undefined },
    { value: null },
    { value: 5 },
    { path: "" },
    { path: "a" },
    { path: undefined },
    { path: `/${"a".repeat(1024)}` },
    { sameSite: "lax" },
    { sameSite: "" },
    { sameSite: undefined },
    { sameSite: "constructor" },
    { sameSite: ["Lax"] },
    { domain: "" },
    { domain: ".shop.example" },
    { domain: "localhost" },
    { domain: "Shop.example" },
    { domain: "192.0.2.1" },
    { domain: "shop.example." },
    { domain: null },
    { domain: ["shop.example"] },
    { maxAge: -1 },
    { maxAge: 1.5 },
    { maxAge: Number.NaN },
    { maxAge: Number.POSITIVE_INFINITY },
    { maxAge: "60" },
    { maxAge: MAX_AGE_SECONDS + 1 },
    { maxAge: null },
    { expires: new Date(Number.NaN) },
    { expires: "Thu, 01 Jan 1970 00:00:00 GMT" },
    { expires: 0 },
    { expires: new Date(-62e12) },
    { expires: new Date(8.64e15) },
    { secure: "yes" },
    { secure: undefined },
    { httpOnly: 1 },
    { httpOnly: undefined },
    { value: "x".repeat(4094) },
  ])("refuses %j", (parts) => expect(() => write(parts)).toThrow(InvalidArgumentError));

  it("C7: name and value take 4096 bytes together, and not one more", () => {
    expect(write({ value: "x".repeat(4093) })).toContain("x".repeat(4093));
    expect(() => write({ value: "x".repeat(4094) })).toThrow("exceed 4096 bytes");
  });

  // SECURITY C4: browsers drop these without a word.
  it.each([
    { sameSite: "None", secure: false },
    { name: "__Secure-sid", secure: false },
    { name: "__Host-sid", secure: false },
    { name: "__Host-sid", path: "/a" },
    { name: "__Host-sid", domain: "shop.example" },
    { name: "__HOST-sid", domain: "shop.example" },
    { name: "__Http-sid", secure: false },
    { name: "__Http-sid", httpOnly: false },
    { name: "__Host-Http-sid", secure: false },
    { name: "__Host-Http-sid", httpOnly: false },
    { name: "__Host-Http-sid", path: "/a" },
    { name: "__Host-Http-sid", domain: "shop.example" },
    { name: "__host-http-sid", httpOnly: false },
  ])("C4: refuses %j", (parts) => expect(() => write(parts)).toThrow(InvalidArgumentError));

  it("names the fault and never the value", () => {
    expect(() => write({ value: "top secret" })).toThrow(
      "This cookie cannot be set: its value holds a character",
    );
    expect(() => write({ value: "top secret" })).not.toThrow("top secret");
  });

  it("is one line that reads back as it was meant, whatever it is given, or throws", () => {
    const text = fc.oneof(anyText(8), fc.constantFrom("sid", "/", "Lax", "shop.example", "a;b"));
    const parts = fc.record(
      { name: text, value: text, path: text, domain: text, sameSite: text },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(parts, (given) => {
        let line: string;
        try {
          line = write(given);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError);
          return;
        }
        expect(line).toMatch(/^[\x20-\x7e]+$/);
        const [pair = "", ...attributes] = line.split("; ");
        const { name, value, path, domain, sameSite } = { domain: undefined, ...cookie, ...given };
        expect(pair).toBe(`${name}=${value}`);
        expect(attributes).toEqual([
          `Path=${path}`,
          ...(domain === undefined ? [] : [`Domain=${domain}`]),
          "Secure",
          "HttpOnly",
          `SameSite=${sameSite}`,
        ]);
        expect(one(pair, name)).toEqual([value]);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("names and domains", () => {
  it.each(["sid", "a", "A-b_c.d!", "__x"])("%j is a cookie name", (name) =>
    expect(isCookieName(name)).toBe(true),
  );
  it.each(["", "a b", "a=b", "a;b", "\u00e9", "a,b", '"a"', "a\n"])("%j is none", (name) =>
    expect(isCookieName(name)).toBe(false),
  );
  it.each(["shop.example", "a.b.c.example", "xn--shp-sna.example", "1.example", `${"a".repeat(63)}.example`])(
    "%j is a cookie domain",
    (domain) => expect(isCookieDomain(domain)).toBe(true),
  );
  it.each([
    "",
    "example",
    ".shop.example",
    "shop.example.",
    "shop..example",
    "-a.example",
    "a-.example",
    "a_b.example",
    "Shop.example",
    "192.0.2.1",
    "[::1]",
    "shop.example:443",
    "https://shop.example",
    `${"a".repeat(64)}.example`,
    `${"a.".repeat(130)}example`,
    "shop.example\n",
    5,
    null,
  ])("%j is none", (domain) => expect(isCookieDomain(domain)).toBe(false));
});
