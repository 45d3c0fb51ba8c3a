/**
 * `sojourn/transports/header`: tokens in headers, for native clients and APIs. A client says that it keeps its tokens
 * itself, reads them from the answers and presents them as `Authorization: Bearer` (docs/tracking.md).
 */
import { refuseUnknownKeys } from "../core/option-checks.ts";
import type { Connection, RequestView } from "../core/request.ts";
import { InsecureTransportError, InvalidOptionError } from "../errors.ts";
import type { Aside, Delivery, HeaderLine, Presented, Transport } from "./contract.ts";

export interface HeaderOptions {
  /**
   * The request header that carries the token. Default `Authorization`, as `Bearer <token>` (RFC 6750); any other
   * carries the token alone.
   */
  readonly request?: string | undefined;
  /**
   * What the other headers begin with. Default `session`: a client says `session-client: header`, and is answered
   * `session-token` and `session-visitor`. Two kinds of session in one application need two names.
   */
  readonly name?: string | undefined;
}

/** What takes a token away. Said in a word, since some proxies drop empty headers. */
const GONE = "none";
const LONGEST = 256;
const LONGEST_ASIDE = 1024;
const NOTHING: Presented = { user: [], visitor: [], either: [], csrf: null, ambient: false };
/** Something came that can be no token; what it was stays out of memory and messages. */
const MALFORMED: Presented = { ...NOTHING, either: [""] };

const NAME = /^[a-z](?:[a-z0-9-]{0,62}[a-z0-9])?$/i;
/** Written by browsers and proxies, or read for something else. */
const TAKEN =
  /^(?:cookie2?|host|origin|referer|connection|upgrade|te|via|forwarded|content-.*|transfer-encoding|proxy-.*|sec-.*|x-forwarded-.*|x-csrf-token|x-http-method.*|x-method-override)$/;

/** Throws `InvalidOptionError` naming `header.request` or `header.name`. */
export function header(options: HeaderOptions = {}): Transport {
  refuseUnknownKeys(options, ["request", "name"], "header");
  const carrier = readName("header.request", options.request, "Authorization");
  const name = readName("header.name", options.name, "session").toLowerCase();
  const field = carrier.toLowerCase();
  const client = `${name}-client`;
  if (field === client || field.startsWith(`${name}-`)) {
    throw new InvalidOptionError(
      "header.request",
      `must not begin with ${name}-, which names the other headers`,
    );
  }

  function asked(request: RequestView): "no" | "header" | "rotate" {
    const [, rotate] = /^header(?:[ \t]*,[ \t]*(rotate))?$/i.exec(request.header(client) ?? "") ?? [
      null,
      null,
    ];
    if (rotate === null) return "no";
    return rotate === undefined ? "header" : "rotate";
  }

  return {
    name: name === "session" ? "header" : `header (${name})`,
    ask: `${client}: header`,
    ambient: false,
    reads: [carrier],
    asks: (request) => asked(request) !== "no",
    rotates: (request) => asked(request) === "rotate",

    read(request: RequestView, connection: Connection): Presented {
      const value = request.header(field);
      if (value === undefined || connection.door === "closed") return NOTHING;
      const text = field === "authorization" ? bearer(value) : value;
      if (text === null) return NOTHING;
      return text.length > 0 && text.length <= LONGEST ? { ...NOTHING, either: [text] } : MALFORMED;
    },

    find(request: RequestView, connection: Connection, what: Aside): readonly string[] {
      const value = request.header(`${name}-${what}`);
      return value !== undefined && value.length <= LONGEST_ASIDE && connection.door !== "closed"
        ? [value]
        : [];
    },

    write({ what, value }: Delivery, connection: Connection): HeaderLine | null {
      if (connection.door === "closed") throw new InsecureTransportError(connection.seen);
      if (what === "csrf") return null; // nothing a page could forge comes with such a client
      return [`${name}-${what === "user" ? "token" : what}`, value ?? GONE];
    },
  };
}

/** `null`: another scheme, which is not ours to judge. Several values make one that is no token. */
function bearer(value: string): string | null {
  if (!/^bearer(?![\w!#$%&'*+.^`|~-])/i.test(value)) return null;
  return value.slice("bearer".length).replace(/^ +/, "");
}

function readName(option: string, given: unknown, fallback: string): string {
  if (given === undefined) return fallback;
  if (typeof given !== "string" || !NAME.test(given)) {
    throw new InvalidOptionError(option, "must be 1 to 64 letters, digits or -, beginning with a letter");
  }
  if (TAKEN.test(given.toLowerCase())) {
    throw new InvalidOptionError(
      option,
      `"${given}" has a meaning of its own in HTTP or is read for something else`,
    );
  }
  return given;
}
