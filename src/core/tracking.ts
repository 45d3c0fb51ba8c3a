/**
 * Which transport a request's session travels by. The first declared one that presents a token is the request's; what
 * came over others is not looked at, so that authorities never mix (SECURITY T5). A new session goes out over the
 * transport that was used, else over the one the client asks for, else as a cookie.
 */
import type { Aside, Delivery, HeaderLine, Piece, Presented, Transport } from "../transports/contract.ts";
import type { Connection, RequestView } from "./request.ts";

const NOTHING: Presented = { user: [], visitor: [], either: [], csrf: null, ambient: false };

export class Tracking {
  /** What the request's transport presents; `ambient` whichever transport brought it. */
  readonly presented: Presented;
  /** Names of transports that brought a token which nobody looked at. */
  readonly ignored: readonly string[];
  readonly #transports: readonly Transport[];
  readonly #view: RequestView;
  readonly #connection: Connection;
  /** `null`: nothing was presented or asked for, and no cookie is declared. */
  readonly #transport: Transport | null;

  constructor(transports: readonly Transport[], view: RequestView, connection: Connection) {
    this.#transports = transports;
    this.#view = view;
    this.#connection = connection;
    const [only] = transports;
    if (connection.door === "closed") {
      this.presented = NOTHING; // on plain http nothing came, whatever was sent (SECURITY X1)
      this.#transport = transports.find(({ ambient }) => ambient) ?? only ?? null;
      this.ignored = [];
    } else if (only && transports.length === 1) {
      this.presented = only.read(view, connection);
      this.#transport = only;
      this.ignored = [];
    } else {
      const chosen = choose(transports, view, connection);
      this.presented = chosen.presented;
      this.#transport = chosen.transport;
      this.ignored = chosen.ignored;
    }
  }

  /** Tokens of clients that keep them themselves and those of cookies are not taken for one another. */
  get isHeld(): boolean {
    return this.#transport?.ambient === false;
  }

  /** How a client that keeps its token itself has to ask, as far as a transport says. */
  get ask(): string | undefined {
    return this.#transport?.ask ?? this.#transports.find(({ ask }) => ask !== undefined)?.ask;
  }

  get transport(): string {
    return this.#transport?.name ?? "none";
  }

  /**
   * Whether a token can go out with the answer. Where a script could read it, only if the client asked, and never if
   * a cookie came along: a page must not turn its user's cookie into something it can carry away (SECURITY T5).
   */
  get mayDeliver(): boolean {
    const transport = this.#transport;
    if (!transport) return false;
    return transport.ambient || (!this.presented.ambient && transport.asks(this.#view));
  }

  get mayRotate(): boolean {
    return this.mayDeliver && this.#transport?.rotates(this.#view) === true;
  }

  /** What came for a purpose beside the session's own, over the same transport. */
  find(what: Aside | Piece): readonly string[] {
    return this.#transport?.find(this.#view, this.#connection, what) ?? [];
  }

  /** The lines of an answer that brings these. */
  write(deliveries: readonly Delivery[]): readonly HeaderLine[] {
    const transport = this.#transport;
    if (!transport || !this.mayDeliver) return [];
    return deliveries
      .map((delivery) => transport.write(delivery, this.#connection))
      .filter((line) => line !== null);
  }
}

interface Chosen {
  readonly transport: Transport | null;
  readonly presented: Presented;
  readonly ignored: readonly string[];
}

function choose(transports: readonly Transport[], view: RequestView, connection: Connection): Chosen {
  const all = transports.map((transport) => ({ transport, presented: transport.read(view, connection) }));
  const ambient = all.some(({ presented }) => presented.ambient);
  const [used, ...ignored] = all.filter(({ presented }) => holdsToken(presented));
  const fallback = all.find(({ transport }) => transport.ambient);
  // A cookie of ours that is no session's, that for CSRF tokens, still makes the request a browser's.
  const asked = ambient ? undefined : all.find(({ transport }) => transport.asks(view));
  const chosen = used ?? asked ?? fallback;
  return {
    transport: chosen?.transport ?? null,
    presented: { ...(chosen?.presented ?? NOTHING), ambient },
    ignored: ignored.map(({ transport }) => transport.name),
  };
}

function holdsToken({ user, visitor, either }: Presented): boolean {
  return user.length + visitor.length + either.length > 0;
}
