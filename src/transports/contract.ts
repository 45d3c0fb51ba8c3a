/**
 * How a token travels between client and server. The core asks a transport what a request presents and tells it what
 * to hand out; the transport knows names, prefixes and attributes.
 */
import type { Connection, RequestView } from "../core/request.ts";

/** Signed-in people and visitors are tracked apart, so that a late answer to the visitor never overwrites a login. */
export type Slot = "user" | "visitor";

/** Tokens as presented, syntax not yet checked, in the order to try them. */
export interface Presented {
  readonly user: readonly string[];
  readonly visitor: readonly string[];
  /** Where one field carries the token of a user or of a visitor. */
  readonly either: readonly string[];
  /** The secret of the pre-login CSRF token, if one came. */
  readonly csrf: string | null;
  /** True when anything of ours came that a browser attaches by itself. */
  readonly ambient: boolean;
}

/** Tokens beside the session's own, each kept apart and read only when something asks for it. */
export type Aside = "pending" | "acting" | "accounts" | "accounts-kept" | `handoff-${string}`;

/**
 * A session that its client carries travels beside its token: 0 holds a later deadline, 1 and up the session in pieces.
 */
export type Piece = `${Slot}.${number}`;

/** Something to hand to the client. `value: null` takes it away. */
export interface Delivery {
  readonly what: Slot | "csrf" | Aside | Piece;
  readonly value: string | null;
  /** Seconds the client should keep it; `null`: until the browser closes. */
  readonly maxAge: number | null;
}

/** A response header to set, or a Set-Cookie line to add. */
export type HeaderLine = readonly [name: string, value: string];

export interface Transport {
  /**
   * For `describe()` and `explain()`, such as `cookie` and `header`; unlike that of any other transport which writes the
   * same headers.
   */
  readonly name: string;
  /** How a client asks, for messages: `session-client: header`. Left out where nobody has to. */
  readonly ask?: string;
  /**
   * Whether browsers send its tokens along by themselves. Then the cross-site check stands before it, and a new session
   * may go out over it unasked.
   */
  readonly ambient: boolean;
  /** The request headers it reads tokens from, for Vary. */
  readonly reads: readonly string[];
  /** Reads what came. Never throws, whatever the bytes. */
  read(request: RequestView, connection: Connection): Presented;
  /** The values presented for one purpose beside the session's own, syntax not yet checked. Never throws. */
  find(request: RequestView, connection: Connection, what: Aside | Piece): readonly string[];
  /** Whether the client says of itself that it takes tokens over this transport and keeps them. */
  asks(request: RequestView): boolean;
  /** Whether this client follows when its secret is rotated. */
  rotates(request: RequestView): boolean;
  /**
   * The line for a delivery; `null` for one that it does not carry. Same attributes for setting and clearing. Throws
   * `InsecureTransportError` where the connection is closed.
   */
  write(delivery: Delivery, connection: Connection): HeaderLine | null;
}
