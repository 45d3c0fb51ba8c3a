/** A signed-in user for a test request, without going through a login page. */

import type { CarriedSessions } from "../core/carried-types.ts";
import { exchangesOf } from "../core/exchange.ts";
import type { SessionWatch } from "../core/manager-types.ts";
import type { RequestView } from "../core/request.ts";
import type { Frozen, Session } from "../core/types.ts";
import { InvalidArgumentError } from "../errors.ts";
import { NativeClient, type NativeClientOptions } from "./native-client.ts";

export interface SignedInOptions {
  /** A remembered login. Default false. */
  readonly remember?: boolean;
  /** How strong the login was. Default: the least that the profile asks for, 1 without one. */
  readonly level?: 1 | 2 | 3;
  /** How it was proven, such as `["pwd", "otp"]`. Default: nothing is said. */
  readonly methods?: readonly string[];
  /**
   * The origin of the server under test, such as `http://localhost:3000`. Default: the first `origin` of the manager.
   * Without either the server is plain http on this machine, whose cookies name its port; so it has to be given.
   */
  readonly origin?: string;
  /** As a client that keeps its token itself: `true`, or the options given to `header()`. Default: by cookie. */
  readonly header?: true | Pick<NativeClientOptions, "request" | "name">;
}

/**
 * Signs `userId` in and answers the headers of a request by that browser: `cookie`, and what makes an unsafe request
 * pass the CSRF check. For fetch, supertest (`.set(headers)`) and the like. The session is a real one in the manager's
 * store. Throws `InvalidArgumentError` when the origin is not known, and what `login` throws.
 */
export async function signedIn<D extends object>(
  sessions: CarriedSessions<D>,
  userId: string,
  data: { readonly [K in keyof D]?: Frozen<D[K]> } = {},
  options: SignedInOptions = {},
): Promise<Record<string, string>> {
  const origin = new URL(options.origin ?? ownOrigin(sessions));
  const { header } = options;
  const client = header ? new NativeClient(sessions, header === true ? {} : header) : null;
  const exchange = exchangesOf(sessions).open({}, viewFrom(origin, client?.headers), {
    csrfExempt: "a test signs in",
    lazy: false,
  });
  await exchange.begin();
  const session = exchange.session as Session<D>;
  const { remember = false, level = leastLevel(sessions), methods = [] } = options;
  await session.login(userId, { remember, level, methods, data });
  const token = wantsToken(sessions) ? { "x-csrf-token": session.csrfToken() } : {};
  const { cookies, set } = await exchange.finish({ status: 200, cacheControl: undefined });
  if (client) {
    client.keep(set);
    return { ...client.headers };
  }
  return {
    cookie: cookies.map((line) => line.slice(0, line.indexOf(";"))).join("; "),
    origin: origin.origin,
    "sec-fetch-site": "same-origin",
    ...token,
  };
}

function leastLevel(sessions: SessionWatch): 1 | 2 | 3 {
  const { leastLevel: level } = sessions.describe();
  return level === 2 || level === 3 ? level : 1;
}

/** With `csrf.token: "always"`, or with several accounts, every unsafe request needs one, also of our own pages. */
function wantsToken(sessions: SessionWatch): boolean {
  const { csrf, accounts } = sessions.describe();
  if (accounts != null) return true;
  return typeof csrf === "object" && csrf !== null && "token" in csrf && csrf.token === "always";
}

function ownOrigin(sessions: SessionWatch): string {
  const { origin } = sessions.describe();
  const first: unknown = Array.isArray(origin) ? origin[0] : origin;
  if (typeof first === "string" && URL.canParse(first)) return first;
  throw new InvalidArgumentError(
    "signedIn(): these sessions have no option origin, so pass { origin } of the server under test, such as " +
      '"http://localhost:3000": its port is part of the cookie\'s name.',
  );
}

/** A request by a browser on this machine, over the door that the origin stands for. */
function viewFrom(origin: URL, headers: Readonly<Record<string, string>> = {}): RequestView {
  return {
    method: "POST",
    header: (name) => (name === "host" ? origin.host : headers[name]),
    encrypted: origin.protocol === "https:",
    peer: "127.0.0.1",
    host: origin.host,
    upgrade: false,
  };
}
