/**
 * What proxies say about a request: X-Forwarded-* and RFC 7239 Forwarded. Only what a declared proxy added counts; the
 * address it was added for, the first one not declared, is the client (SECURITY X2, C2).
 */
import type { BlockList } from "node:net";
import { InvalidOptionError } from "../errors.ts";
import { withoutPort } from "./address.ts";
import { sliceTrimmed } from "./header-text.ts";
import type { RequestView } from "./request.ts";

/** Any of these says that the request did not come straight from a browser on this machine. */
const FORWARDING_HEADERS = [
  "x-forwarded-proto",
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-port",
  "x-forwarded-server",
  "x-forwarded-scheme",
  "x-forwarded-ssl",
  "x-real-ip",
  "x-client-ip",
  "x-scheme",
  "front-end-https",
  "true-client-ip",
  "cf-connecting-ip",
  "via",
] as const;

const LONGEST_HEADER = 8192;

export function forwardingHeader(view: RequestView): string | undefined {
  return FORWARDING_HEADERS.find((name) => view.header(name) !== undefined);
}

/** The nearest `hops` proxies, or every proxy with one of these addresses. */
export type TrustedProxies = { readonly hops: number } | { readonly covers: (address: string) => boolean };

/** Throws `InvalidOptionError` for anything but a positive number of hops or a list of addresses and CIDR ranges. */
export function readTrustProxy(given: number | readonly string[] | undefined): TrustedProxies | null {
  if (given === undefined) return null;
  if (typeof given === "number") {
    if (Number.isSafeInteger(given) && given >= 1) return { hops: given };
    throw new InvalidOptionError("trustProxy", "as a number of proxies must be a whole number from 1");
  }
  if (!Array.isArray(given) || given.length === 0) {
    throw new InvalidOptionError(
      "trustProxy",
      'must be a number of proxies or a list of their addresses, such as ["10.0.0.0/8"]',
    );
  }
  // Loaded only where addresses are declared, so that runtimes without node:net can load the core.
  const { BlockList: AddressList, isIP } = process.getBuiltinModule("node:net");
  const list = new AddressList();
  for (const range of given) addRange(list, range, isIP);
  return {
    covers: (address) => {
      const family = isIP(address);
      return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
    },
  };
}

function addRange(list: BlockList, range: unknown, isIP: (text: string) => number): void {
  const [address = "", bits, ...rest] = typeof range === "string" ? range.split("/") : [];
  const family = isIP(address);
  const width = family === 6 ? 128 : 32;
  const prefix = bits === undefined ? width : /^(?:0|[1-9][0-9]{0,2})$/.test(bits) ? Number(bits) : -1;
  if (family === 0 || address.includes("%") || prefix < 0 || prefix > width || rest.length > 0) {
    const shown = JSON.stringify(String(range).slice(0, 100));
    throw new InvalidOptionError("trustProxy", `${shown} must be an address or a range such as "10.0.0.0/8"`);
  }
  if (prefix === 0) {
    throw new InvalidOptionError(
      "trustProxy",
      `"${String(range)}" would believe everybody; name your proxies`,
    );
  }
  list.addSubnet(address, prefix, family === 6 ? "ipv6" : "ipv4");
}

/** Whether what the peer says of the client is believed. */
export function isDeclaredProxy(peer: string | undefined, trusted: TrustedProxies): boolean {
  return "hops" in trusted || (peer !== undefined && trusted.covers(peer));
}

/**
 * Whether the client used https, by the word of the declared proxies: `undefined` where they say nothing. Anything but
 * "https" from all who speak is `false`.
 */
export function forwardedSecure(view: RequestView, trusted: TrustedProxies): boolean | undefined {
  const said = statements(view, trusted, "proto", "x-forwarded-proto");
  return said.length === 0 ? undefined : said.every((proto) => proto !== null && isSecureScheme(proto));
}

/** The Host the client used: `undefined` where the declared proxies say nothing, `null` where they disagree. */
export function forwardedHost(view: RequestView, trusted: TrustedProxies): string | null | undefined {
  const [host, other = host] = statements(view, trusted, "host", "x-forwarded-host");
  return host === other ? host : null;
}

/** The client's address as each header gives it; nothing where none speaks of it, `null` for one that cannot be read. */
export function forwardedFor(view: RequestView, trusted: TrustedProxies): readonly (string | null)[] {
  return statements(view, trusted, "for", "x-forwarded-for");
}

/**
 * What the two families of headers say. A proxy that writes one may pass on the client's own claims in the other, so
 * neither outranks the other; `null` stands for a header that cannot be read.
 */
function statements(
  view: RequestView,
  trusted: TrustedProxies,
  parameter: "proto" | "host" | "for",
  header: string,
): readonly (string | null)[] {
  const said: (string | null)[] = [];
  const given = view.header(header);
  if (given !== undefined) {
    const clients = (): readonly string[] => listOf(view.header("x-forwarded-for") ?? "") ?? [];
    said.push(entryFor(listOf(given) ?? [], trusted, clients) ?? null);
  }
  const forwarded = view.header("forwarded");
  if (forwarded === undefined) return said;
  const elements = parseForwarded(forwarded);
  if (!elements) return [...said, null];
  const element = entryFor(elements, trusted, () => elements.map((one) => one.get("for") ?? ""));
  const standard = element?.get(parameter);
  return standard === undefined ? said : [...said, standard];
}

/**
 * Each proxy appends, so the outermost declared one wrote the entry that many from the right, or it is the only one.
 * `clients` are the addresses the proxies saw, ours last.
 */
function entryFor<T>(
  list: readonly T[],
  trusted: TrustedProxies,
  clients: () => readonly string[],
): T | undefined {
  return list.length < 2 ? list[0] : list[Math.max(0, list.length - declaredHops(trusted, clients))];
}

/** How many proxies from our side on are declared. The peer is one, and was asked about before. */
function declaredHops(trusted: TrustedProxies, clients: () => readonly string[]): number {
  if ("hops" in trusted) return trusted.hops;
  const addresses = clients();
  const untrusted = addresses.findLastIndex((address) => !trusted.covers(withoutPort(address)));
  return addresses.length - untrusted;
}

/** Some proxies write wss for a WebSocket. */
function isSecureScheme(proto: string): boolean {
  return /^(?:https|wss)$/i.test(proto);
}

/** `null` for a header too long to be meant. */
function listOf(header: string): readonly string[] | null {
  if (header.length > LONGEST_HEADER) return null;
  return header.split(",").map((entry) => sliceTrimmed(entry, 0, entry.length));
}

const FORWARDED_PAIR =
  /[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)=(?:([!#$%&'*+.^_`|~0-9a-z:[\]-]+)|"([^"\\]*)")[ \t]*([;,]|$)/iy;

/** RFC 7239 section 4, one map for each proxy; `null` when any part of it is malformed. */
function parseForwarded(header: string): readonly ReadonlyMap<string, string>[] | null {
  if (header.length > LONGEST_HEADER) return null;
  const elements: Map<string, string>[] = [];
  let current = new Map<string, string>();
  FORWARDED_PAIR.lastIndex = 0;
  for (;;) {
    const pair = FORWARDED_PAIR.exec(header);
    if (!pair) return null;
    const [, name = "", token, quoted = "", end] = pair;
    if (current.has(name.toLowerCase())) return null;
    current.set(name.toLowerCase(), token ?? quoted);
    if (end === ";") continue;
    elements.push(current);
    current = new Map();
    if (end !== ",") return elements;
  }
}
