/** Puts a manager together: options, default codec, cookie transport, CSRF policy. Does no I/O, starts no timer. */
import { randomBytes } from "node:crypto";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { taggedJson } from "./codecs/tagged-json.ts";
import { readArrivalOptions } from "./core/arrival-options.ts";
import type { CarriedSessions, RevocableSessions } from "./core/carried-types.ts";
import { createNetworkReader } from "./core/client-address.ts";
import { monotonicClock } from "./core/clock.ts";
import { type Codecs, readCodecs, readsUnsealed } from "./core/codec-list.ts";
import { Committers } from "./core/committer.ts";
import { createConnectionReader } from "./core/connection.ts";
import { Counts } from "./core/counts.ts";
import { createDataShape } from "./core/data-shape.ts";
import { describeSettings } from "./core/describe.ts";
import type { Engine } from "./core/engine.ts";
import { createEvents } from "./core/events.ts";
import { HstsNotice } from "./core/hsts-notice.ts";
import { createManager } from "./core/manager.ts";
import type { Fits, Obj, SessionOptions, Sessions } from "./core/manager-types.ts";
import { readShape } from "./core/migration.ts";
import { pooled } from "./core/nonces.ts";
import { type AnyOptions, readSettings } from "./core/options.ts";
import { ownedStore } from "./core/owned-store.ts";
import { untilDeadline } from "./core/patience.ts";
import { underProfile } from "./core/profile-rules.ts";
import { REAL_TIME, type RealTime } from "./core/real-time.ts";
import { StoreClient } from "./core/store-client.ts";
import { createStoreWatch } from "./core/store-watch.ts";
import { Sweeper } from "./core/sweeper.ts";
import { csrfHint, csrfPolicy } from "./csrf/policy.ts";
import { InvalidOptionError } from "./errors.ts";
import type { CarryingStore } from "./stores/cookie/contract.ts";
import type { Transport } from "./transports/contract.ts";
import { cookieTransport } from "./transports/cookie.ts";

/**
 * Makes the sessions of an application: one manager, made once, used by every request. With `schema` (any Standard
 * Schema library) or `initial` every key has a value from the start (`initial` is called once, here); without them keys may be absent. Throws
 * `InvalidOptionError` for an unknown, impossible or, in production, unsafe option; what only weakens production is said
 * as a process warning and by `ready()`.
 */
export function createSessions<S extends StandardSchemaV1>(
  options: Schemed<S> & { store: CarryingStore<false> },
): CarriedSessions<Obj<StandardSchemaV1.InferOutput<S>>>;
export function createSessions<S extends StandardSchemaV1>(
  options: Schemed<S> & { store: CarryingStore<true> },
): RevocableSessions<Obj<StandardSchemaV1.InferOutput<S>>>;
export function createSessions<S extends StandardSchemaV1>(
  options: Schemed<S>,
): Sessions<Obj<StandardSchemaV1.InferOutput<S>>>;
export function createSessions<D extends object>(
  options: Initialled<D> & { store: CarryingStore<false> },
): CarriedSessions<D>;
export function createSessions<D extends object>(
  options: Initialled<D> & { store: CarryingStore<true> },
): RevocableSessions<D>;
export function createSessions<D extends object>(options: Initialled<D>): Sessions<D>;
export function createSessions<D extends object = Record<string, unknown>>(
  options: SessionOptions<D> & { store: CarryingStore<false> },
): CarriedSessions<Partial<D>>;
export function createSessions<D extends object = Record<string, unknown>>(
  options: SessionOptions<D> & { store: CarryingStore<true> },
): RevocableSessions<Partial<D>>;
export function createSessions<D extends object = Record<string, unknown>>(
  options: SessionOptions<D>,
): Sessions<Partial<D>>;
export function createSessions(given: object): Sessions<Record<string, unknown>> {
  return assembleSessions(given as AnyOptions);
}

type Schemed<S extends StandardSchemaV1> = SessionOptions<Obj<StandardSchemaV1.InferOutput<S>>> & {
  schema: S;
} & Fits<S>;
type Initialled<D extends object> = SessionOptions<D> & { initial: () => D };

/** The parts a test may put in place of ours. */
export type Overrides = Partial<Pick<Engine, "patience" | "note">> & { readonly time?: RealTime };

/**
 * `createSessions` without its types. The protocol model puts its own patience in, and the cases of `sojourn/testing` a
 * time in which deadlines come when a case says so.
 */
export function assembleSessions(
  given: AnyOptions,
  { time = REAL_TIME, ...overrides }: Overrides = {},
): Sessions<Record<string, unknown>> {
  const options = underProfile(given);
  const settings = readSettings(options);
  const now = monotonicClock(options.clock ?? Date.now);
  const arrivals = readArrivalOptions(options);
  const events = createEvents(now, createNetworkReader(options.trustProxy));
  const watch = createStoreWatch(events, options.store.name, settings.limit);
  const store = new StoreClient({
    store: ownedStore(options.store, settings.name, () => watch.ended(undefined)),
    now,
    timeoutMs: settings.storeTimeoutMs,
    breaker: settings.breaker,
    patience: overrides.patience ?? untilDeadline,
    time,
    watch,
  });
  const codecs = readCodecs(options.codec, taggedJson);
  const shape = readShape(options);
  const transports = readTransports(options);
  const random = options.random ?? randomBytes;
  const engine: Engine = {
    settings,
    store,
    shape: createDataShape({
      ...shape,
      codecs,
      schema: options.schema as StandardSchemaV1 | undefined,
      initial: options.initial as (() => object) | undefined,
      maxBytes: options.store.guarantees.maxBytes,
    }),
    transports,
    vary: [...new Set(transports.flatMap(({ reads }) => reads))],
    csrf: csrfPolicy(options.csrf ?? {}, settings.mode, settings.name),
    csrfHint: (reason, view, connection) => csrfHint(reason, view, connection, settings.mode),
    connect: createConnectionReader({
      mode: settings.mode,
      ...(options.origin !== undefined && { origin: options.origin }),
      ...(options.trustProxy !== undefined && { trustProxy: options.trustProxy }),
    }),
    ...arrivals,
    events,
    counts: new Counts(),
    hsts: new HstsNotice(settings.mode === "production" && !options.accept?.includes("hsts")),
    committers: new Committers(),
    now,
    random,
    // A source of the application's own, or of a test's, is asked for each as before.
    nonces: random === randomBytes ? pooled(randomBytes) : random,
    patience: untilDeadline,
    note: (message) => console.info(`[sojourn] ${message}`),
    ...overrides,
  };
  const warnings = warningsFor(options, settings.mode, codecs);
  if (settings.mode === "production") {
    for (const warning of warnings) process.emitWarning(warning, { code: "SOJOURN_WEAK" });
  }
  return createManager({
    engine,
    sweeper: new Sweeper(store),
    description: describeSettings(settings, options, { codecs, version: shape.version, given }),
    warnings,
  });
}

/** The declared transports, the cookie made by its option. */
function readTransports({ transports = ["cookie"], cookie }: AnyOptions): readonly Transport[] {
  const isTransport = (given: unknown): boolean =>
    given === "cookie" ||
    (typeof given === "object" && given !== null && "read" in given && "write" in given && "asks" in given);
  if (!Array.isArray(transports) || transports.length === 0 || !transports.every(isTransport)) {
    throw new InvalidOptionError(
      "transports",
      'must be a list of "cookie" and transports, such as ["cookie", header()]',
    );
  }
  const list = transports.map((given) => (given === "cookie" ? cookieTransport(cookie ?? {}) : given));
  if (new Set(list.map(({ name }) => name)).size < list.length) {
    throw new InvalidOptionError("transports", "names one transport twice");
  }
  return list;
}

/** Not wrong enough to refuse, but worth saying at start. */
function warningsFor(
  options: AnyOptions,
  mode: "production" | "development",
  codecs: Codecs,
): readonly string[] {
  const warnings: string[] = [];
  if (mode === "production" && options.origin === undefined && options.trustProxy === undefined) {
    warnings.push(
      'Neither origin nor trustProxy is set: sessions work only where TLS ends in this process. Set origin: "https://your.host".',
    );
  }
  if (options.cookie?.domain !== undefined) {
    warnings.push(
      `cookie.domain shares the session with every host under ${options.cookie.domain}; the __Host- protection is gone.`,
    );
  }
  if (options.cookie?.sameSite === "none")
    warnings.push('cookie.sameSite: "none" sends the session along from every other site.');
  if (options.csrf?.reportOnly)
    warnings.push("csrf.reportOnly is on: forged requests are reported, not refused.");
  const unsealed = readsUnsealed(codecs);
  if (unsealed.length > 0) {
    warnings.push(
      `codec: rows in plain ${unsealed.join(" and ")} are still believed beside sealed ones. Take it off the list when all are moved.`,
    );
  }
  return warnings;
}
