/** Tokens in cookies: their names, prefixes and attributes (rows C1 to C14 of docs/threat-model.md). */
import { refuseUnknownKeys } from "../core/option-checks.ts";
import type { Connection, RequestView } from "../core/request.ts";
import { InsecureTransportError, InvalidOptionError } from "../errors.ts";
import type { Aside, Delivery, HeaderLine, Piece, Presented, Slot, Transport } from "./contract.ts";
import {
  findCookies,
  isCookieDomain,
  isCookieName,
  MAX_AGE_SECONDS,
  MAX_NAME_AND_VALUE,
  type SetCookie,
  serialiseSetCookie,
} from "./cookie-grammar.ts";

export interface CookieOptions {
  /**
   * Base of the cookies' names, without a prefix. Default `sid`: `__Host-Http-sid`, `__Host-Http-anon` and
   * `__Host-Http-csrf`; with `shop`: `__Host-Http-shop`, `__Host-Http-shop-anon` and `__Host-Http-shop-csrf`. What
   * comes beside them is `__Host-Http-sid-pending` and so on. Two applications on one host need two names.
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
const LONGEST_ASIDE = 1024;
const LONGEST_NAME = 64;
const NOTHING: Presented = { user: [], visitor: [], either: [], csrf: null, ambient: false };

type What = Delivery["what"];

/** Completed on the very host where it began, whatever hosts share the session. */
const HOST_BOUND = /^(?:csrf|pending|handoff-.*)$/;

/** Throws `InvalidOptionError` naming `cookie.name`, `cookie.sameSite` or `cookie.domain`. */
export function cookieTransport(options: CookieOptions = {}): Transport {
  refuseUnknownKeys(options, ["name", "sameSite", "domain"], "cookie");
  const base = readName(options.name);
  const sameSite = readSameSite(options.sameSite);
  const domain = readDomain(options.domain);

  function domainOf(what: What): string | undefined {
    // A sibling that could plant the CSRF cookie would know the secret of the login form's token (D21).
    return HOST_BOUND.test(what) ? undefined : domain;
  }

  /** `port`: of a development cookie, `null` for a real one. */
  function spell(what: What, port: string | null): string {
    const name = plainName(base, what);
    if (port !== null) return `${name}-${port}`;
    return `${domainOf(what) === undefined ? "__Host-Http-" : "__Http-"}${name}`;
  }

  const alwaysRead = (port: string | null): readonly string[] =>
    (["user", "visitor", "csrf"] as const).map((what) => spell(what, port));
  const readFromSecure = alwaysRead(null);

  function attributesFor(what: What, connection: Connection): Omit<SetCookie, "value" | "maxAge"> {
    const isSecure = connection.door === "secure";
    const common = { name: spell(what, isSecure ? null : connection.port), path: "/", httpOnly: true };
    // Posted back to us by a page of another site. Browsers take Secure from localhost without TLS.
    if (isHandoff(what)) return { ...common, domain: undefined, secure: true, sameSite: "None" };
    return {
      ...common,
      domain: isSecure ? domainOf(what) : undefined,
      secure: isSecure,
      sameSite: isSecure || sameSite !== "None" ? sameSite : "Lax", // browsers drop None without Secure
    };
  }

  return {
    name: "cookie",
    ambient: true,
    reads: ["Cookie"],
    asks: () => false, // nobody has to
    rotates: () => true,

    read(request: RequestView, connection: Connection): Presented {
      const header = request.header("cookie");
      if (header === undefined || connection.door === "closed") return NOTHING;
      const wanted = connection.door === "secure" ? readFromSecure : alwaysRead(connection.port);
      const [users = [], visitors = [], secrets = []] = findCookies(header, wanted);
      if (users.length + visitors.length + secrets.length === 0) return NOTHING;
      const distinct = candidates(secrets);
      return {
        user: candidates(users),
        visitor: candidates(visitors),
        either: [],
        csrf: distinct.length === 1 ? (distinct[0] ?? null) : null, // of several, one was planted
        ambient: true,
      };
    },

    find(request: RequestView, connection: Connection, what: Aside | Piece): readonly string[] {
      const header = request.header("cookie");
      if (header === undefined || connection.door === "closed") return [];
      const name = spell(what, connection.door === "secure" ? null : connection.port);
      if (!header.includes(name)) return []; // asked at every signed-in request, and rarely there
      const [values = []] = findCookies(header, [name]);
      return candidates(values, pieceOf(what) ? MAX_NAME_AND_VALUE : LONGEST_ASIDE);
    },

    write(delivery: Delivery, connection: Connection): HeaderLine {
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

function candidates(values: readonly string[], longest: number = LONGEST_VALUE): readonly string[] {
  const plausible = values.filter((value) => value.length > 0 && value.length <= longest);
  return plausible.length < 2 ? plausible : [...new Set(plausible)].slice(0, MAX_CANDIDATES);
}

function wholeSeconds(maxAge: number | null): number | undefined {
  if (maxAge === null) return undefined;
  return Math.max(0, Math.min(Math.floor(maxAge), MAX_AGE_SECONDS));
}

function plainName(base: string | null, what: What): string {
  const piece = pieceOf(what);
  if (piece) return `${plainName(base, piece.slot)}.${piece.at}`;
  if (what === "user") return base ?? "sid";
  if (what === "visitor") return base === null ? "anon" : `${base}-anon`;
  if (what === "csrf") return base === null ? "csrf" : `${base}-csrf`;
  return `${base ?? "sid"}-${what}`;
}

function pieceOf(what: What): { readonly slot: Slot; readonly at: string } | null {
  const [slot, at] = what.split(".");
  return at !== undefined && (slot === "user" || slot === "visitor") ? { slot, at } : null;
}

function isHandoff(what: What): boolean {
  return what.startsWith("handoff-");
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
  if (/(?:^|-)(?:anon|csrf|pending|acting|accounts|kept)$|(?:^|-)handoff-|\.\d+$/i.test(name)) {
    throw new InvalidOptionError(
      "cookie.name",
      "must not end in anon, csrf, pending, acting, accounts, kept or a dot and a number, nor hold handoff-, which name " +
        "the other cookies",
    );
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
