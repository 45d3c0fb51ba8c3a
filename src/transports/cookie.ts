/** Tokens in cookies: their names, prefixes and attributes (rows C1 to C14 of docs/threat-model.md). */
import { refuseUnknownKeys } from "../core/option-checks.ts";
import type { Connection, RequestView } from "../core/request.ts";
import { InsecureTransportError, InvalidOptionError } from "../errors.ts";
import type { Delivery, Presented, Transport } from "./contract.ts";
import {
  findCookies,
  isCookieDomain,
  isCookieName,
  MAX_AGE_SECONDS,
  type SetCookie,
  serialiseSetCookie,
} from "./cookie-grammar.ts";

export interface CookieOptions {
  /**
   * Base of the cookies' names, without a prefix. Default `sid`: `__Host-Http-sid`, `__Host-Http-anon` and
   * `__Host-Http-csrf`; with `shop`: `__Host-Http-shop`, `__Host-Http-shop-anon` and `__Host-Http-shop-csrf`. Two
   * applications on one host need two names.
   */
  readonly name?: string | undefined;
  /**
   * Default `lax`. `strict`: links from elsewhere arrive signed out. `none`: every other site's requests carry the
   * session, and only the CSRF check stands before it.
   */
  readonly sameSite?: "lax" | "strict" | "none" | undefined;
  /**
   * Shares the session with every host under this name, such as `shop.example`. Weaker: any of them can plant a
   * session cookie, so the `__Host-` promise is gone. Default: this host only.
   */
  readonly domain?: string | undefined;
}

const SAME_SITE = { lax: "Lax", strict: "Strict", none: "None" } as const;
const MAX_CANDIDATES = 4; // SECURITY C12
const LONGEST_VALUE = 256;
const LONGEST_NAME = 64;
const NOTHING: Presented = { user: [], visitor: [], csrf: null, ambient: false };

type Names = Readonly<Record<Delivery["what"], string>>;

/** Throws `InvalidOptionError` naming `cookie.name`, `cookie.sameSite` or `cookie.domain`. */
export function cookieTransport(options: CookieOptions = {}): Transport {
  refuseUnknownKeys(options, ["name", "sameSite", "domain"], "cookie");
  const base = readName(options.name);
  const sameSite = readSameSite(options.sameSite);
  const domain = readDomain(options.domain);
  const secureNames = withSuffixes(
    base,
    (name) => `${domain === undefined ? "__Host-Http-" : "__Http-"}${name}`,
  );
  // Always bound to this host: a sibling that could plant it would know the secret of the login form's token (D21).
  const names: Names = { ...secureNames, csrf: withSuffixes(base, (name) => `__Host-Http-${name}`).csrf };

  function namesFor(connection: Connection): Names {
    if (connection.door === "secure") return names;
    return withSuffixes(base, (name) => `${name}-${connection.port}`);
  }

  function attributesFor(
    what: Delivery["what"],
    connection: Connection,
  ): Omit<SetCookie, "value" | "maxAge"> {
    const secure = connection.door === "secure";
    return {
      name: namesFor(connection)[what],
      path: "/",
      domain: secure && what !== "csrf" ? domain : undefined,
      secure,
      httpOnly: true,
      sameSite: secure || sameSite !== "None" ? sameSite : "Lax", // browsers drop None without Secure
    };
  }

  return {
    name: "cookie",
    rotates: true,

    read(request: RequestView, connection: Connection): Presented {
      const header = request.header("cookie");
      if (header === undefined || connection.door === "closed") return NOTHING;
      const { user, visitor, csrf } = namesFor(connection);
      const [users = [], visitors = [], secrets = []] = findCookies(header, [user, visitor, csrf]);
      if (users.length + visitors.length + secrets.length === 0) return NOTHING;
      const distinct = candidates(secrets);
      return {
        user: candidates(users),
        visitor: candidates(visitors),
        csrf: distinct.length === 1 ? (distinct[0] ?? null) : null, // of several, one was planted
        ambient: true,
      };
    },

    write(delivery: Delivery, connection: Connection): readonly [name: string, value: string] {
      if (connection.door === "closed") throw new InsecureTransportError(connection.seen);
      const attributes = attributesFor(delivery.what, connection);
      const line =
        delivery.value === null
          ? serialiseSetCookie({ ...attributes, value: "", maxAge: 0, expires: new Date(0) })
          : serialiseSetCookie({
              ...attributes,
              value: delivery.value,
              maxAge: wholeSeconds(delivery.maxAge),
            });
      return ["set-cookie", line];
    },
  };
}

function candidates(values: readonly string[]): readonly string[] {
  const plausible = values.filter((value) => value.length > 0 && value.length <= LONGEST_VALUE);
  return plausible.length < 2 ? plausible : [...new Set(plausible)].slice(0, MAX_CANDIDATES);
}

function wholeSeconds(maxAge: number | null): number | undefined {
  if (maxAge === null) return undefined;
  return Math.max(0, Math.min(Math.floor(maxAge), MAX_AGE_SECONDS));
}

function withSuffixes(base: string | null, spell: (name: string) => string): Names {
  if (base === null) return { user: spell("sid"), visitor: spell("anon"), csrf: spell("csrf") };
  return { user: spell(base), visitor: spell(`${base}-anon`), csrf: spell(`${base}-csrf`) };
}

/** `null`: the default names. */
function readName(name: unknown): string | null {
  if (name === undefined) return null;
  if (!isCookieName(name) || name.length > LONGEST_NAME) {
    throw new InvalidOptionError("cookie.name", "must be 1 to 64 letters, digits, - or _ (an HTTP token)");
  }
  if (name.startsWith("__")) {
    throw new InvalidOptionError("cookie.name", "comes without a prefix; __Host-Http- is put before it");
  }
  if (/(?:^|-)(?:anon|csrf)$/i.test(name)) {
    throw new InvalidOptionError("cookie.name", "must not end in anon or csrf, which name the other cookies");
  }
  return name;
}

function readSameSite(sameSite: unknown): "Lax" | "Strict" | "None" {
  if (sameSite === undefined) return "Lax";
  if (sameSite === "lax" || sameSite === "strict" || sameSite === "none") return SAME_SITE[sameSite];
  throw new InvalidOptionError("cookie.sameSite", 'must be "lax", "strict" or "none"');
}

function readDomain(domain: unknown): string | undefined {
  if (domain === undefined || isCookieDomain(domain)) return domain;
  throw new InvalidOptionError(
    "cookie.domain",
    'must be a host name in lower case without a leading dot, such as "shop.example"',
  );
}
