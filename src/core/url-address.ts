/** Addresses that carry a token for one use: how it is put in, found again, and taken out. Pure. */
import { InvalidArgumentError } from "../errors.ts";
import { parseWebUrl } from "./origins.ts";

/** Where an address leads, as far as a token is bound to it. */
export interface Destination {
  readonly audience: string;
  readonly route: string;
}

export interface ReadAddress {
  /** Every value of the parameter, as it came. */
  readonly tokens: readonly string[];
  readonly route: string;
  /** Path and query without the parameter: begins with one slash, so that no redirect to it leaves the site. */
  readonly clean: string;
}

const NOWHERE = "http://nowhere.invalid";

/** The address a request asked for: a path with its query, or in full, of which the origin is not looked at. */
export function readAddress(address: string, parameter: string): ReadAddress {
  if (typeof address !== "string") {
    throw new InvalidArgumentError("arrive(): give the address of the request, such as req.originalUrl.");
  }
  const url = parseWebUrl(URL.parse(address, NOWHERE)?.href ?? "");
  if (!url) return { tokens: [], route: "/", clean: "/" }; // a request line that no browser writes
  const tokens: string[] = [];
  const others = url.search
    .slice(1)
    .split("&")
    .filter((pair) => {
      const [first] = new URLSearchParams(pair);
      if (first?.[0] !== parameter) return true;
      tokens.push(first[1]);
      return false;
    })
    .join("&");
  const route = url.pathname.replace(/^\/+/, "/");
  return { tokens, route, clean: others === "" ? route : `${route}?${others}` };
}

/** Where `to` leads. Throws `InvalidArgumentError` for anything but a web address of one of `audiences`. */
export function checkDestination(
  to: string,
  { own, audiences, parameter }: { own: string; audiences: readonly string[]; parameter: string },
): Destination & { readonly url: URL } {
  const url = typeof to === "string" ? URL.parse(to, own) : null;
  if (!url || !parseWebUrl(url.href) || url.username !== "" || url.password !== "") {
    throw new InvalidArgumentError(
      'url(): give a path or a web address, such as "https://pay.example/welcome".',
    );
  }
  if (!audiences.includes(url.origin)) {
    throw new InvalidArgumentError(
      `url(): ${url.origin} is neither an own origin nor named in url.to, so nothing is handed over there.`,
    );
  }
  if (url.searchParams.has(parameter)) {
    throw new InvalidArgumentError(`url(): the address has a parameter "${parameter}" already.`);
  }
  return { url, audience: url.origin, route: readAddress(url.href, parameter).route };
}

export function withToken({ url }: { readonly url: URL }, parameter: string, token: string): string {
  const query = url.search === "" || url.search === "?" ? "?" : `${url.search}&`;
  return `${url.origin}${url.pathname}${query}${parameter}=${token}${url.hash}`;
}
