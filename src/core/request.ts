/**
 * A request as the core sees it, whatever the framework, and what is known of the connection it came by.
 */

/** Made by an adapter for each request; cheap, nothing is copied. */
export interface RequestView {
  /** As sent, upper case. */
  readonly method: string;
  /**
   * A header by its lower-case name; several fields of one name joined with ", " (Cookie with "; "), as RFC 9110
   * section 5.3 says.
   */
  header(name: string): string | undefined;
  /** Whether TLS ends at this socket. */
  readonly encrypted: boolean;
  /** The address at the other end of the socket; `undefined` where the runtime does not tell. */
  readonly peer: string | undefined;
  /** Host, or :authority, as sent: `shop.example:8443`. */
  readonly host: string | undefined;
  /** A WebSocket or other upgrade, or an extended CONNECT: judged as unsafe whatever its method. */
  readonly upgrade: boolean;
}

/**
 * How a request reached us, after `origin` and `trustProxy` were applied.
 * `secure`: https. `development`: plain http from this machine outside production. `closed`: plain http otherwise,
 * where no session is read and none is set.
 */
export interface Connection {
  readonly door: "secure" | "development" | "closed";
  /** Our own origins, serialised: what `Origin` must equal. */
  readonly origins: readonly string[];
  /** The port the client used, as text; part of the development cookie's name, since cookies ignore ports. */
  readonly port: string;
  /** What was seen, in words, for `InsecureTransportError` and `explain`. Holds no secret. */
  readonly seen: string;
}
