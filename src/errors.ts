/**
 * Every error Sojourn throws, one class per code. A caller switches on `code`; an adapter answers `status`.
 * No message, field or cause made here ever holds a token, a secret or a key.
 */

const brand = Symbol.for("sojourn.error");

export type ErrorCode =
  | "ACCOUNT_LIMIT"
  | "ACTING"
  | "ACTING_OVER"
  | "CSRF_DENIED"
  | "DATA_TOO_LARGE"
  | "HANDLER_FAILED"
  | "HANDOFF_REFUSED"
  | "HEADERS_SENT"
  | "INSECURE_TRANSPORT"
  | "INVALID_ARGUMENT"
  | "INVALID_DATA"
  | "INVALID_OPTION"
  | "LEVEL_TOO_LOW"
  | "NOT_A_VISIT"
  | "NOT_SIGNED_IN"
  | "NO_SESSION"
  | "SESSION_ENDED"
  | "SESSION_LIMIT"
  | "SESSION_SKIPPED"
  | "STALE_LOGIN"
  | "STORE_FAULT"
  | "STORE_LACKS"
  | "STORE_UNAVAILABLE"
  | "UNDECODABLE"
  | "UNDELIVERABLE_TOKEN"
  | "UNSUPPORTED_VALUE"
  | "VALUE_TAKEN";

/** Why a session ended. `replaced`: a login or renewal took its place. `limit`: the user had too many. */
export type EndReason =
  | "idle"
  | "absolute"
  | "logged-out"
  | "revoked"
  | "replaced"
  | "limit"
  | "theft"
  | "risk";

/**
 * What kind of fault a store met. `ambiguous`: the write may or may not have been applied. `corrupt`: the store itself
 * is damaged. `damaged`: one stored session is, and all others can be read. `refused`: it was not asked, since it has
 * failed again and again (option `breaker`); nothing was applied.
 */
export type StoreFaultKind =
  | "unavailable"
  | "timeout"
  | "busy"
  | "ambiguous"
  | "too-large"
  | "corrupt"
  | "damaged"
  | "refused"
  | "closed";

/**
 * Why stored data could not be read. `damaged`: no bytes of this codec. `codec`: another codec wrote it, or data that
 * today's codec cannot carry. `key`: sealed under a key that is not in the ring. `seal`: the seal is broken, since bytes
 * were changed or belong to another session. `schema`: it does not fit. `migrate`: `migrate` failed.
 */
export type UndecodableReason = "damaged" | "codec" | "key" | "seal" | "schema" | "migrate";

/**
 * The base of all errors of this package. `instanceof` also holds across two installed copies.
 */
export abstract class SojournError extends Error {
  /** Stable, for `switch`; listed in docs/errors.md. */
  abstract readonly code: ErrorCode;
  /** The HTTP status an adapter answers with. */
  readonly status: number;
  /** Response headers that belong to the answer, `retry-after` for one. Frameworks in the Express family read them. */
  readonly headers: Readonly<Record<string, string>> = {};

  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.status = status;
    Object.defineProperty(this, brand, { value: true });
  }

  /**
   * Its status and headers, without a body. For frameworks that ask an error for its answer, such as Hono; an adapter
   * puts a full one in its place.
   */
  getResponse(): Response {
    return bareResponse(this);
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    if (this !== SojournError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && brand in value;
  }
}

function bareResponse({ status, headers }: Pick<SojournError, "status" | "headers">): Response {
  return new Response(null, { status, headers });
}

/** An option of `createSessions`, of a store or of an adapter is unknown, impossible or unsafe. Thrown at once. */
export class InvalidOptionError extends TypeError {
  readonly code: "INVALID_OPTION" = "INVALID_OPTION";
  readonly status = 500;
  readonly headers: Readonly<Record<string, string>> = {};
  /** The path of the option, such as `cookie.sameSite`. */
  readonly option: string;

  constructor(option: string, problem: string) {
    super(`Option ${option}: ${problem}`);
    this.name = "InvalidOptionError";
    this.option = option;
    Object.defineProperty(this, brand, { value: true });
  }

  getResponse(): Response {
    return bareResponse(this);
  }
}

/** An argument of a call on a session or a manager makes no sense, such as an empty user id. */
export class InvalidArgumentError extends TypeError {
  readonly code: "INVALID_ARGUMENT" = "INVALID_ARGUMENT";
  readonly status = 500;
  readonly headers: Readonly<Record<string, string>> = {};

  constructor(message: string) {
    super(message);
    this.name = "InvalidArgumentError";
    Object.defineProperty(this, brand, { value: true });
  }

  getResponse(): Response {
    return bareResponse(this);
  }
}

/** A store met a fault. Stores throw this one class; the manager turns it into `StoreUnavailableError` for the caller. */
export class StoreFault extends SojournError {
  readonly code = "STORE_FAULT";
  readonly kind: StoreFaultKind;

  constructor(kind: StoreFaultKind, message: string, options?: ErrorOptions) {
    super(message, 503, options);
    this.kind = kind;
  }
}

/** The store did not answer, or not in time. Nothing is known about the session; its cookie is left alone. */
export class StoreUnavailableError extends SojournError {
  readonly code = "STORE_UNAVAILABLE";
  override readonly headers: Readonly<Record<string, string>>;
  /** The store operation that failed, such as `load`. */
  readonly operation: string;
  readonly kind: StoreFaultKind;

  /** `retryAfterMs`: when the store may answer again, where that is known; told in whole seconds, at least one. */
  constructor(
    operation: string,
    kind: StoreFaultKind,
    store: string,
    options: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    const { retryAfterMs = 0, ...rest } = options;
    const what =
      kind === "refused"
        ? `was not asked for ${operation}: it has failed again and again, and is tried again soon`
        : `failed at ${operation} (${kind})`;
    super(
      `The session store "${store}" ${what}. No session was ended by this. ` +
        "Check that the store is reachable; the cause says what it answered.",
      503,
      rest,
    );
    this.operation = operation;
    this.kind = kind;
    this.headers = { "retry-after": String(Math.max(1, Math.ceil(retryAfterMs / 1000))) };
  }
}

/**
 * The store was accepted without a guarantee, and this call cannot be answered without it: `list` has no index to look
 * at, or nothing can find a user's rows. Nothing was done, and asking again changes nothing.
 */
export class StoreLacksError extends SojournError {
  readonly code = "STORE_LACKS";
  /** The operation of the store, such as `listByUser`. */
  readonly operation: string;
  /** The guarantee it would take, as in `store.guarantees`. */
  readonly guarantee: "cas" | "noRevival" | "revokeUser" | "userIndex";

  constructor(operation: string, guarantee: StoreLacksError["guarantee"], store: string) {
    super(
      `The session store "${store}" cannot do ${operation}: it does not keep the guarantee ${guarantee}. ` +
        "Use a store that does, or do without this call.",
      501,
    );
    this.operation = operation;
    this.guarantee = guarantee;
  }
}

/**
 * The session a request wrote into has ended meanwhile; nothing was written.
 * `replaced` (409): a login or renewal took its place, the request may be repeated with the new cookie.
 * Every other reason (401): sign in again.
 */
export class SessionEndedError extends SojournError {
  readonly code = "SESSION_ENDED";
  readonly reason: EndReason | "superseded" | "unknown";
  override readonly headers: Readonly<Record<string, string>>;

  constructor(reason: EndReason | "superseded" | "unknown", message?: string) {
    const repeatable = reason === "replaced" || reason === "superseded";
    super(
      message ??
        (repeatable
          ? "A login or renewal replaced this session while the request ran. Repeat the request."
          : "The session ended while the request ran. Sign in again."),
      repeatable ? 409 : 401,
    );
    this.reason = reason;
    this.headers = repeatable ? { "session-ended": reason } : {};
  }
}

/** `requireUser` met a visitor. */
export class NotSignedInError extends SojournError {
  readonly code = "NOT_SIGNED_IN";
  constructor() {
    super("Nobody is signed in. Sign in first.", 401);
  }
}

/** `requireFresh` found that the last login is too long ago. Ask for the password again and call `login`. */
export class StaleLoginError extends SojournError {
  readonly code = "STALE_LOGIN";
  /** `null`: however long ago, since the request comes from elsewhere and `onSignal` answered `ask`. */
  constructor(maxAgeMs: number | null) {
    const why =
      maxAgeMs === null
        ? "The request comes from another device or network than the login."
        : `The last login is more than ${Math.round(maxAgeMs / 1000)} s ago.`;
    super(`${why} Sign in again to go on.`, 401);
  }
}

/** `requireFresh` found that the login was not strong enough. Ask for a further factor and call `login` again. */
export class LevelTooLowError extends SojournError {
  readonly code = "LEVEL_TOO_LOW";
  /** The level that is needed. */
  readonly level: 1 | 2 | 3;
  constructor(level: 1 | 2 | 3, actual: number) {
    super(
      `This needs a login of level ${level}; the session has ${actual}. Sign in with a further factor.`,
      401,
    );
    this.level = level;
  }
}

/** What only the person may do was asked for while somebody else acts for them. Call `stopActing` first. */
export class ActingError extends SojournError {
  readonly code = "ACTING";
  constructor(operation: string) {
    super(
      `session.${operation}() is not for somebody who acts for another. Call stopActing() first, and do it as yourself.`,
      403,
    );
  }
}

/**
 * The request was sent to act for somebody, and that is over. It is refused once, so that nothing meant for them happens
 * to the user's own account; the answer takes the cookie away.
 */
export class ActingOverError extends SojournError {
  readonly code = "ACTING_OVER";
  constructor() {
    super(
      "This request came to act for somebody, and that has ended. Nothing was done; the next one is the user's own.",
      403,
    );
  }
}

/** A request from elsewhere tried to act with this browser's session. `reason` names the rule (docs/errors.md). */
export class CsrfDeniedError extends SojournError {
  readonly code = "CSRF_DENIED";
  readonly reason: string;
  override readonly headers: Readonly<Record<string, string>> = {
    "cache-control": "no-store",
    vary: "Sec-Fetch-Site, Origin",
  };
  constructor(reason: string, hint: string) {
    super(hint, 403);
    this.reason = reason;
  }
}

/** A session cannot be kept over this connection: plain http, and nothing says that TLS ends in front of us. */
export class InsecureTransportError extends SojournError {
  readonly code = "INSECURE_TRANSPORT";
  constructor(seen: string) {
    super(
      `A session cookie cannot be set on this connection: ${seen}. If TLS ends in front of this server, set ` +
        'origin: "https://your.host" (or trustProxy where the host varies); otherwise serve over https.',
      500,
    );
  }
}

/**
 * A new token would have to go out with this answer, and no transport may carry it: the client did not say that it
 * keeps tokens itself, or it sent a cookie along, whose authority no script may be handed. Nothing was done.
 */
export class UndeliverableTokenError extends SojournError {
  readonly code = "UNDELIVERABLE_TOKEN";
  /** `ask`: how a client says that it keeps tokens. */
  constructor(operation: string, why: keyof typeof NO_WAY, ask = "session-client: header") {
    super(
      `session.${operation}() would have to hand out a token, and this request gives no way to. ${NO_WAY[why](ask)}`,
      400,
    );
  }
}

const NO_WAY = {
  cookie: () =>
    'It came with a cookie of ours beside its header, so nothing a script can read goes out. Send it without cookies (credentials: "omit").',
  silent: (ask: string) =>
    `A client that keeps its token itself says so with the header ${ask} (docs/tracking.md).`,
  "cookies only": () => "The token is for a cookie alone, and this client keeps its token itself.",
} as const;

/** The response headers have left; what is written to the session now could not be kept. */
export class HeadersSentError extends SojournError {
  readonly code = "HEADERS_SENT";
  constructor(operation: string) {
    super(
      `session.${operation}() came after the response headers were sent, so it could not be stored before the answer. ` +
        "Write to the session first, or call await session.save() before the first byte.",
      500,
    );
  }
}

/** `skip(request)` kept this request out: it has no session, and no CSRF check ran. */
export class SessionSkippedError extends SojournError {
  readonly code = "SESSION_SKIPPED";
  constructor() {
    super("This request was skipped by the adapter's skip option, so it has no session.", 500);
  }
}

/** The request never went through an adapter, or its session was not opened yet (`lazy`). */
export class NoSessionError extends SojournError {
  readonly code = "NO_SESSION";
  constructor(message: string) {
    super(message, 500);
  }
}

/** The user already has as many sessions as `sessionsPerUser` allows, and its policy is to refuse. */
export class SessionLimitError extends SojournError {
  readonly code = "SESSION_LIMIT";
  constructor(max: number) {
    super(`This user already has ${max} sessions. Sign out somewhere else first.`, 403);
  }
}

/** This browser already has as many accounts signed in as the option `accounts` allows. */
export class AccountLimitError extends SojournError {
  readonly code = "ACCOUNT_LIMIT";
  constructor(max: number) {
    super(`This browser already has ${max} accounts. Sign out of one of them first.`, 403);
  }
}

/** A value cannot be carried by the codec. `path` leads to it; the session keeps its old state. */
export class UnsupportedValueError extends SojournError {
  readonly code = "UNSUPPORTED_VALUE";
  readonly path: string;
  constructor(path: string, problem: string) {
    super(`${path}: ${problem}`, 500);
    this.path = path;
  }
}

/** Stored bytes could not be read back. The visitor gets a fresh session; an `undecodable` event is emitted. */
export class UndecodableError extends SojournError {
  readonly code = "UNDECODABLE";
  readonly reason: UndecodableReason;
  /** `reason` is `damaged` unless it says otherwise. */
  constructor(problem: string, options: ErrorOptions & { readonly reason?: UndecodableReason } = {}) {
    super(`Stored session data cannot be read: ${problem}.`, 500, options);
    this.reason = options.reason ?? "damaged";
  }
}

/** The session's data is larger than the limit; it keeps its old state. */
export class DataTooLargeError extends SojournError {
  readonly code = "DATA_TOO_LARGE";
  /** `bytes`: what it would take, where that is known. */
  constructor(bytes: number | null, limit: number) {
    const size = bytes === null ? "is too large for the store" : `would take ${bytes} bytes`;
    super(
      `The session data ${size}; the limit is ${limit} bytes. Keep a reference, not the thing itself.`,
      413,
    );
  }
}

/** The data does not fit the schema; the session keeps its old state. */
export class InvalidDataError extends SojournError {
  readonly code = "INVALID_DATA";
  constructor(issues: string) {
    super(`The session data does not fit the schema: ${issues}`, 500);
  }
}

/** `take` or `consume`: another request took the value first. Only one may have it. */
export class ValueTakenError extends SojournError {
  readonly code = "VALUE_TAKEN";
  constructor(key: string) {
    super(`Another request has taken "${key}" first; it was there to be used once.`, 409);
  }
}

/** `receive` was shown a state that cannot be redeemed in this browser. Begin the exchange with the provider again. */
export class HandoffError extends SojournError {
  readonly code = "HANDOFF_REFUSED";
  /**
   * `missing`: this browser did not begin it, or its cookie is gone. `used`: it was redeemed before. `unknown`,
   * `expired`, `revoked`, `undecodable`: nothing is left of it.
   */
  readonly reason: string;
  constructor(reason: string) {
    super(
      `This answer belongs to no exchange that this browser has under way (${reason}). Start again.`,
      403,
    );
    this.reason = reason;
  }
}

/**
 * `arrive` met a request that nobody made by opening the address: one ahead of a visit (prefetch, HEAD) or beside it
 * (an image, a frame, a script). The token in the address is as good as before.
 */
export class NotAVisitError extends SojournError {
  readonly code = "NOT_A_VISIT";
  constructor() {
    super("This address is good for one visit, and this request is none. Open the address itself.", 425);
  }
}

/** A handler threw something of its own while an answer was owed; `cause` is what it threw. */
export class HandlerError extends SojournError {
  readonly code = "HANDLER_FAILED";
  constructor(cause: unknown) {
    super("The request handler failed.", 500, { cause });
  }
}
