/**
 * What proxies say about a request: X-Forwarded-* and RFC 7239 Forwarded. Only what a declared proxy added counts; the
 * address it was added for, the first one not declared, is the client (SECURITY X2, C2).
 */
import type { BlockList } from "node:net";
import { InvalidOptionError } from "../errors.ts";
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

/** What the declared proxies in front of us state about the client's own connection. */
export interface Forwarded {
  /** `null`: they say nothing of it. Anything but a plain "https" from all of them is `false`. */
  readonly secure: boolean | null;
  /** The Host the client used: `undefined` where they say nothing, `null` where they disagree. */
  readonly host: string | null | undefined;
}

/** `null` when the peer is no declared proxy: then nothing of what it forwards is read. */
export function readForwarded(view: RequestView, trusted: TrustedProxies | null): Forwarded | null {
  if (!trusted || !isTrustedPeer(view.peer, trusted)) return null;
  const elements = parseForwarded(view.header("forwarded"));
  const xFor = listOf(view.header("x-forwarded-for"));
  const standard =
    elements &&
    entryFor(
      elements,
      trustedHops(
        trusted,
        elements.map((one) => one.get("for")),
      ),
    );
  const hops = trustedHops(trusted, xFor);
  const xProto = entryFor(listOf(view.header("x-forwarded-proto")), hops);
  const xHost = entryFor(listOf(view.header("x-forwarded-host")), hops);
  // A proxy that knows one of the two families may pass the client's own claims in the other: both must agree.
  const isBroken = view.header("forwarded") !== undefined && !elements;
  const protos = [standard?.get("proto"), xProto].filter((proto) => proto !== undefined);
  const hosts = new Set([standard?.get("host"), xHost].filter((host) => host !== undefined));
  return {
    secure: isBroken ? false : protos.length === 0 ? null : protos.every(isSecureScheme),
    host: isBroken || hosts.size > 1 ? null : [...hosts][0],
  };
}

function isTrustedPeer(peer: string | undefined, trusted: TrustedProxies): boolean {
  return "hops" in trusted || (peer !== undefined && trusted.covers(peer));
}

/** How many proxies from our side on are declared; the peer is the first, and the lists name those before it. */
function trustedHops(trusted: TrustedProxies, clients: readonly (string | undefined)[]): number {
  if ("hops" in trusted) return trusted.hops;
  const untrusted = clients.findLastIndex((client) => !trusted.covers(addressOf(client ?? "")));
  return clients.length - untrusted;
}

/** Each proxy appends, so the outermost declared one wrote the entry that many from the right, or it is the only one. */
function entryFor<T>(list: readonly T[], hops: number): T | undefined {
  return list[Math.max(0, list.length - hops)];
}

/** Some proxies write wss for a WebSocket. */
function isSecureScheme(proto: string): boolean {
  return /^(?:https|wss)$/i.test(proto);
}

/** `10.0.0.1`, `10.0.0.1:80`, `[fd00::1]:80` or `fd00::1` without its port. */
function addressOf(text: string): string {
  return /^\[([^\]]*)\](?::[0-9]+)?$/.exec(text)?.[1] ?? /^([0-9.]+):[0-9]+$/.exec(text)?.[1] ?? text;
}

function listOf(header: string | undefined): readonly string[] {
  if (header === undefined || header.length > LONGEST_HEADER) return [];
  return header.split(",").map((entry) => sliceTrimmed(entry, 0, entry.length));
}

const FORWARDED_PAIR =
  /[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+)=(?:([!#$%&'*+.^_`|~0-9a-z:[\]-]+)|"([^"\\]*)")[ \t]*([;,]|$)/iy;

/** RFC 7239 section 4, one map for each proxy; `null` when any part of it is malformed. */
function parseForwarded(header: string | undefined): readonly ReadonlyMap<string, string>[] | null {
  if (header === undefined) return [];
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
