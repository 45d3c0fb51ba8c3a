import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { requestView } from "../../test/support/request-view.ts";
import type { Connection } from "../core/request.ts";
import { InsecureTransportError, InvalidOptionError } from "../errors.ts";
import type { Delivery, Presented } from "./contract.ts";
import { type CookieOptions, cookieTransport } from "./cookie.ts";

const secure: Connection = { door: "secure", origins: ["https://shop.example"], port: "443", seen: "https" };
const dev: Connection = {
  door: "development",
  origins: ["http://localhost:3000"],
  port: "3000",
  seen: "plain http",
};
const closed: Connection = { door: "closed", origins: [], port: "80", seen: "plain http from 10.0.0.7" };

const TOKEN = "t".repeat(64);
const read = (cookie: string | undefined, connection = secure, options: CookieOptions = {}): Presented =>
  cookieTransport(options).read(requestView(cookie === undefined ? {} : { headers: { cookie } }), connection);
const write = (
  delivery: Partial<Delivery> = {},
  connection = secure,
  options: CookieOptions = {},
): string => {
  const line = cookieTransport(options).write(
    { what: "user", value: TOKEN, maxAge: null, ...delivery },
    connection,
  );
  expect(line?.[0]).toBe("set-cookie");
  return line?.[1] ?? "";
};
const nameIn = (line: string): string => line.slice(0, line.indexOf("="));
const attributesIn = (line: string): readonly string[] => line.split("; ").slice(1);
const names = (connection: Connection, options: CookieOptions = {}): readonly string[] =>
  (["user", "visitor", "csrf"] as const).map((what) => nameIn(write({ what }, connection, options)));

/** The six ways of setting that differ in attributes. */
const profiles: readonly (readonly [string, CookieOptions, Connection])[] = [
  ["as is", {}, secure],
  ["strict", { sameSite: "strict" }, secure],
  ["none", { sameSite: "none" }, secure],
  ["with a domain", { domain: "shop.example" }, secure],
  ["with a name", { name: "shop", domain: "shop.example", sameSite: "strict" }, secure],
  ["in development", {}, dev],
];

describe("the names", () => {
  it.each([
    ["by default", secure, {}, ["__Host-Http-sid", "__Host-Http-anon", "__Host-Http-csrf"]],
    [
      "with a name",
      secure,
      { name: "shop" },
      ["__Host-Http-shop", "__Host-Http-shop-anon", "__Host-Http-shop-csrf"],
    ],
    [
      "with a domain, where the CSRF secret stays with its host",
      secure,
      { domain: "shop.example" },
      ["__Http-sid", "__Http-anon", "__Host-Http-csrf"],
    ],
    ["in development", dev, {}, ["sid-3000", "anon-3000", "csrf-3000"]],
    [
      "in development with a name and a domain",
      dev,
      { name: "shop", domain: "shop.example" },
      ["shop-3000", "shop-anon-3000", "shop-csrf-3000"],
    ],
  ])("%s", (_, connection, options, expected) => expect(names(connection, options)).toEqual(expected));

  it("I6: none names the product", () => {
    for (const [, options, connection] of profiles)
      expect(names(connection, options).join()).not.toMatch(/sojourn/i);
  });
});

describe("what is set", () => {
  it("by default is bound to the host, out of reach of scripts, and gone with the browser", () => {
    expect(write()).toBe(`__Host-Http-sid=${TOKEN}; Path=/; Secure; HttpOnly; SameSite=Lax`);
  });

  it("C1: is Secure in every profile, but for plain http in development", () => {
    for (const [, options, connection] of profiles) {
      expect(attributesIn(write({}, connection, options)).includes("Secure")).toBe(
        connection.door === "secure",
      );
    }
  });

  it("C2: is HttpOnly in every profile", () => {
    for (const [, options, connection] of profiles)
      expect(attributesIn(write({}, connection, options))).toContain("HttpOnly");
  });

  it("C3: has the __Host-Http- prefix and what it promises, unless it is shared", () => {
    const attributes = attributesIn(write({ maxAge: 60 }));
    expect(attributes).toEqual(expect.arrayContaining(["Path=/", "Secure", "HttpOnly"]));
    expect(attributes.some((attribute) => attribute.startsWith("Domain"))).toBe(false);
    const shared = write({}, secure, { domain: "shop.example" });
    expect(shared).toBe(`__Http-sid=${TOKEN}; Path=/; Domain=shop.example; Secure; HttpOnly; SameSite=Lax`);
  });

  it.each([
    [{}, secure, "SameSite=Lax"],
    [{ sameSite: "strict" }, secure, "SameSite=Strict"],
    [{ sameSite: "none" }, secure, "SameSite=None"],
    [{}, dev, "SameSite=Lax"],
    [{ sameSite: "strict" }, dev, "SameSite=Strict"],
    [{ sameSite: "none" }, dev, "SameSite=Lax"],
  ] satisfies [CookieOptions, Connection, string][])(
    "C5: says SameSite itself (%j)",
    (options, connection, attribute) => {
      for (const value of [TOKEN, null]) {
        expect(attributesIn(write({ value, maxAge: null }, connection, options)).at(-1)).toBe(attribute);
      }
    },
  );

  it("C7: stays far below 4096 bytes", () => {
    for (const [, options, connection] of profiles)
      expect(write({ maxAge: 1e9 }, connection, options).length).toBeLessThan(300);
  });

  it.each([
    [null, undefined],
    [0, "Max-Age=0"],
    [-5, "Max-Age=0"],
    [59.9, "Max-Age=59"],
    [43_200, "Max-Age=43200"],
    [400 * 86_400, "Max-Age=34560000"],
    [1e12, "Max-Age=34560000"],
  ])("C8: a maximum age of %s gives %s", (maxAge, attribute) => {
    const found = attributesIn(write({ maxAge })).find((text) => text.startsWith("Max-Age"));
    expect(found).toBe(attribute);
  });

  it("C10: a value that is no token is refused, and not shown", () => {
    for (const value of ["a;b", "a b", "a,b", "a\r\nSet-Cookie: x=y", "\u00e9", "a\0"]) {
      expect(() => write({ value })).toThrow("its value holds a character that is not allowed");
    }
  });

  it.each(profiles)(
    "C13: is taken away with the attributes it was set with (%s)",
    (_, options, connection) => {
      for (const what of ["user", "visitor", "csrf"] as const) {
        const set = write({ what, maxAge: 60 }, connection, options);
        const cleared = write({ what, value: null, maxAge: 60 }, connection, options);
        expect(cleared.startsWith(`${nameIn(set)}=; `)).toBe(true);
        const ages = ["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT"];
        expect(attributesIn(cleared)).toEqual(expect.arrayContaining(ages));
        expect(attributesIn(cleared).filter((attribute) => !ages.includes(attribute))).toEqual(
          attributesIn(set).filter((attribute) => attribute !== "Max-Age=60"),
        );
      }
    },
  );

  it("X1: nothing over plain http", () => {
    expect(() => write({}, closed)).toThrow(InsecureTransportError);
    expect(() => write({}, closed)).toThrow("plain http from 10.0.0.7");
    expect(() => write({ value: null }, closed)).toThrow(InsecureTransportError);
  });
});

describe("what is read", () => {
  const nothing: Presented = { user: [], visitor: [], either: [], csrf: null, ambient: false };

  it("is each cookie in its place", () => {
    const header = "theme=dark; __Host-Http-anon=v; __Host-Http-sid=u; __Host-Http-csrf=c";
    expect(read(header)).toEqual({ ...nothing, user: ["u"], visitor: ["v"], csrf: "c", ambient: true });
    expect(read("sid-3000=u; anon-3000=v; csrf-3000=c", dev)).toEqual({
      ...nothing,
      user: ["u"],
      visitor: ["v"],
      csrf: "c",
      ambient: true,
    });
  });

  it("is what was written", () => {
    for (const [, options, connection] of profiles) {
      const header = (["user", "visitor", "csrf"] as const)
        .map((what) => write({ what, value: `${what}-${TOKEN}` }, connection, options).split("; ")[0])
        .join("; ");
      expect(read(header, connection, options)).toEqual({
        ...nothing,
        user: [`user-${TOKEN}`],
        visitor: [`visitor-${TOKEN}`],
        csrf: `csrf-${TOKEN}`,
        ambient: true,
      });
    }
  });

  it("is nothing without our cookies", () => {
    for (const header of [undefined, "", "theme=dark", "sid=1; session=2; connect.sid=3"])
      expect(read(header)).toEqual(nothing);
  });

  it.each([
    [
      "development cookies at the secure door",
      "sid-443=u; anon-443=v; csrf-443=c; sid-3000=u; sid=u",
      secure,
    ],
    [
      "secure cookies at the development door",
      "__Host-Http-sid=u; __Http-sid=u; __Host-sid=u; __Secure-sid=u",
      dev,
    ],
    ["those of another port", "sid-3001=u; anon-300=v", dev],
    ["anything at the closed door", "__Host-Http-sid=u; sid-80=u; sid=u", closed],
    [
      "weaker prefixes",
      "__Host-sid=u; __Http-sid=u; __Secure-sid=u; sid=u; __host-http-sid=u; __Host-Http-SID=u",
      secure,
    ],
    [
      "C11: look-alikes",
      "\u00a0__Host-Http-sid=u; =__Host-Http-sid=u; __Host-Http-sid\u2000=u; __Host-Http-sid.=u; [__Host-Http-sid=u",
      secure,
    ],
  ])("X1: is not %s", (_, header, connection) => expect(read(header, connection)).toEqual(nothing));

  it("is not the host-bound cookie where the session is shared, nor the other way round", () => {
    expect(read("__Host-Http-sid=u; __Http-sid=shared", secure, { domain: "shop.example" }).user).toEqual([
      "shared",
    ]);
    expect(read("__Host-Http-sid=u; __Http-sid=shared").user).toEqual(["u"]);
  });

  it("C12: is every cookie of one name, in order, each value once, at most four", () => {
    expect(read("__Host-Http-sid=1; __Host-Http-sid=2").user).toEqual(["1", "2"]);
    expect(read("__Host-Http-sid=2; __Host-Http-sid=1").user).toEqual(["2", "1"]);
    const many = Array.from(
      { length: 9 },
      (_, index) => `__Host-Http-sid=${index >> 1}; __Host-Http-anon=${index}`,
    ).join("; ");
    expect(read(many)).toMatchObject({ user: ["0", "1", "2", "3"], visitor: ["0", "1", "2", "3"] });
  });

  it("C12: is no CSRF secret when two differ, since one was planted", () => {
    expect(read("__Host-Http-csrf=a; __Host-Http-csrf=b")).toMatchObject({ csrf: null, ambient: true });
    expect(read("__Host-Http-csrf=a; __Host-Http-csrf=a")).toMatchObject({ csrf: "a" });
  });

  it("leaves out values no token can have, and still knows that a browser sent them", () => {
    for (const value of ["", "x".repeat(257)]) {
      for (const name of ["sid", "anon", "csrf"]) {
        expect(read(`__Host-Http-${name}=${value}`)).toEqual({ ...nothing, ambient: true });
      }
    }
    expect(read(`__Host-Http-sid=; __Host-Http-sid=${"x".repeat(256)}`).user).toEqual(["x".repeat(256)]);
  });

  it("never throws, and never gives more than four plausible candidates", () => {
    const piece = fc.constantFrom(
      "__Host-Http-sid",
      "__Host-Http-anon",
      "__Host-Http-csrf",
      "=",
      ";",
      " ",
      "x".repeat(300),
      "a",
    );
    const header = fc.oneof(
      anyText(40),
      fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(header, (text) => {
        const { user, visitor, csrf } = read(text);
        for (const list of [user, visitor]) {
          expect(list.length).toBeLessThanOrEqual(4);
          expect(list.every((value) => value.length > 0 && value.length <= 256)).toBe(true);
        }
        expect((csrf ?? "x").length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("the options", () => {
  const option = (options: object) => () => cookieTransport(options as CookieOptions);

  it.each([
    "",
    "a b",
    "a;b",
    "a=b",
    "\u00e9",
    "a\n",
    "x".repeat(65),
    "__Host-sid",
    "__Secure-sid",
    "__host-http-sid",
    "__sid",
    "anon",
    "csrf",
    "shop-anon",
    "shop-CSRF",
    5,
    null,
    ["sid"],
  ])("C4: name %j is refused", (name) => {
    expect(option({ name })).toThrow(InvalidOptionError);
    expect(option({ name })).toThrow("Option cookie.name: ");
  });
  it.each(["sid", "shop", "my_app-2.x", "x".repeat(64), "anonymous", "host-sid"])(
    "name %j is taken",
    (name) => {
      expect(names(secure, { name })[0]).toBe(`__Host-Http-${name}`);
    },
  );

  it.each(["Lax", "", "LAX", "constructor", true, null, false])("C4: sameSite %j is refused", (sameSite) => {
    expect(option({ sameSite })).toThrow(InvalidOptionError);
    expect(option({ sameSite })).toThrow("Option cookie.sameSite: ");
  });

  it.each([
    "",
    ".shop.example",
    "localhost",
    "192.0.2.1",
    "https://shop.example",
    "Shop.example",
    "shop.example; Path=/",
    null,
    5,
  ])("C4: domain %j is refused", (domain) => {
    expect(option({ domain })).toThrow(InvalidOptionError);
    expect(option({ domain })).toThrow("Option cookie.domain: ");
  });

  it.each([
    [{ secure: false }, "cookie.secure"],
    [{ httpOnly: false }, "cookie.httpOnly"],
    [{ path: "/a" }, "cookie.path"],
    [{ maxAge: 5 }, "cookie.maxAge"],
    [{ prefix: "" }, "cookie.prefix"],
  ])("C1: %j is refused, since nothing here can be switched off", (options, path) => {
    expect(option(options)).toThrow(InvalidOptionError);
    expect(option(options)).toThrow(`Option ${path}: is not known`);
  });

  it("undefined is the same as left out", () => {
    expect(names(secure, { name: undefined, sameSite: undefined, domain: undefined })).toEqual(names(secure));
  });
});
