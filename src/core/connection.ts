/**
 * Which door a request came through: https, plain http from a browser on this machine in development, or neither
 * (docs/production.md). Nothing is guessed from headers that no declared proxy wrote.
 */
import { InvalidOptionError } from "../errors.ts";
import {
  forwardedHost,
  forwardedSecure,
  forwardingHeader,
  isDeclaredProxy,
  readTrustProxy,
  type TrustedProxies,
} from "./forwarding.ts";
import { printable } from "./header-text.ts";
import { isLoopbackHost, originOf, portOf, readOrigins } from "./origins.ts";
import type { Connection, RequestView } from "./request.ts";

export interface ConnectionOptions {
  /** Own origins in full, such as `https://shop.example`. With an https one every request counts as https. */
  readonly origin?: string | readonly string[];
  /** How many proxies stand in front, or their addresses and CIDR ranges. Default: none is believed. */
  readonly trustProxy?: number | readonly string[];
  readonly mode: "production" | "development";
}

/** Throws `InvalidOptionError` for a bad `origin` or `trustProxy`. The reader itself never throws. */
export function createConnectionReader(options: ConnectionOptions): (view: RequestView) => Connection {
  const { mode } = options;
  const configured = readOrigins("origin", options.origin, mode);
  if (Array.isArray(options.origin) && configured.length === 0) {
    throw new InvalidOptionError("origin", "is an empty list; leave it out to derive it from each request");
  }
  const trusted = readTrustProxy(options.trustProxy);
  const secureOrigins = configured.filter((origin) => origin.startsWith("https:"));
  const [first] = secureOrigins;
  if (first !== undefined) {
    const always: Connection = Object.freeze({
      door: "secure",
      origins: secureOrigins,
      port: portOf("https", first),
      seen: "https, as the option origin says",
    });
    return () => always;
  }
  return (view) => new ReadConnection(view, configured, trusted, mode);
}

/** Most requests ask for the door only; the rest is worked out when it is asked for. */
class ReadConnection implements Connection {
  readonly door: Connection["door"];
  readonly #view: RequestView;
  readonly #configured: readonly string[];
  readonly #trusted: TrustedProxies | null;
  /** The proxies whose word counts for this request: none when the peer is not one of them. */
  readonly #proxies: TrustedProxies | null;
  readonly #saidSecure: boolean | undefined;
  readonly #mode: ConnectionOptions["mode"];

  constructor(
    view: RequestView,
    configured: readonly string[],
    trusted: TrustedProxies | null,
    mode: ConnectionOptions["mode"],
  ) {
    this.#view = view;
    this.#configured = configured;
    this.#trusted = trusted;
    this.#mode = mode;
    this.#proxies = trusted && isDeclaredProxy(view.peer, trusted) ? trusted : null;
    this.#saidSecure = this.#proxies ? forwardedSecure(view, this.#proxies) : undefined;
    const isSecure = this.#saidSecure ?? view.encrypted;
    this.door = isSecure ? "secure" : isDevelopmentDoor(view, mode) ? "development" : "closed";
  }

  get origins(): readonly string[] {
    // Configured ones are all plain http here: an https one makes every request secure.
    if (this.door !== "secure" && this.#configured.length > 0) return this.#configured;
    if (this.door === "closed") return [];
    const origin = originOf(this.#scheme, this.#host);
    return origin === null ? [] : [origin];
  }

  get port(): string {
    return portOf(this.#scheme, this.#host);
  }

  get seen(): string {
    if (this.door === "development") return `plain http for ${printable(this.#host)}, in development`;
    if (this.door === "closed") return this.#whyClosed();
    return this.#saidSecure ? `https, says the declared proxy ${this.#peer}` : "https at this socket";
  }

  get #scheme(): "http" | "https" {
    return this.door === "secure" ? "https" : "http";
  }

  get #host(): string | undefined {
    const forwarded = this.#proxies ? forwardedHost(this.#view, this.#proxies) : undefined;
    return forwarded === null ? undefined : (forwarded ?? this.#view.host);
  }

  get #peer(): string {
    return printable(this.#view.peer ?? "an unknown address");
  }

  #whyClosed(): string {
    const plain = `plain http from ${this.#peer}`;
    if (this.#saidSecure === false) return `${plain}, a declared proxy whose client used plain http`;
    if (this.#proxies) return `${plain}, a declared proxy that sent no X-Forwarded-Proto`;
    const header = forwardingHeader(this.#view);
    if (header) {
      const why = this.#trusted ? "but trustProxy does not name that address" : "but trustProxy is not set";
      const value = header === "x-forwarded-proto" ? `: ${printable(this.#view.header(header))}` : "";
      return `${plain} with ${titleCase(header)}${value}, ${why}`;
    }
    if (this.#mode === "production") return `${plain} in production`;
    if (!isLoopbackHost(this.#view.host))
      return `${plain} for the host ${printable(this.#view.host)}, not localhost`;
    return `${plain}, not from this machine`;
  }
}

function isDevelopmentDoor(view: RequestView, mode: ConnectionOptions["mode"]): boolean {
  return (
    mode === "development" &&
    isLoopbackPeer(view.peer) &&
    isLoopbackHost(view.host) &&
    forwardingHeader(view) === undefined
  );
}

/** Fetch-style runtimes do not tell the peer; the loopback Host must do there. */
function isLoopbackPeer(peer: string | undefined): boolean {
  return peer === undefined || peer === "::1" || /^(?:::ffff:)?127(?:\.[0-9]{1,3}){3}$/i.test(peer);
}

function titleCase(header: string): string {
  return header.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
