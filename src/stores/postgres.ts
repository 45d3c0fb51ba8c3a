/** `sojourn/stores/postgres`: sessions in PostgreSQL, shared by all processes that reach it. */
import { refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { Invalidations } from "./invalidations.ts";
import { keepListening } from "./listening.ts";
import { plaintextHost } from "./plaintext.ts";
import { askThrough, isPostgresClient, type PostgresClient } from "./postgres/client.ts";
import { endpointsOf } from "./postgres/endpoints.ts";
import { postgresEngine } from "./postgres/engine.ts";
import { listenDial, type PgListener, spellPostgres } from "./postgres/invalidations.ts";
import { Link } from "./postgres/link.ts";
import { DEFAULT_PREFIX, DEFAULT_SCHEMA, isName, type Names, namesOf } from "./postgres/names.ts";
import { schemaScript } from "./postgres/schema.ts";
import { triggerScript } from "./postgres/triggers.ts";
import { readSwitches, SQL_GUARANTEES } from "./sql/options.ts";
import { SqlSessionStore, type SqlStore } from "./sql/store.ts";

export type {
  PgClient,
  PgPool,
  PgPoolClient,
  PgQuery,
  PostgresClient,
  PostgresJsClient,
  PostgresValue,
} from "./postgres/client.ts";
export type { PgListener } from "./postgres/invalidations.ts";

/** Sessions in PostgreSQL. See `postgresStore`. */
export type PostgresStore = SqlStore;

export interface PostgresNaming {
  /** The schema of the tables, made if it is missing. Default `"public"`. Lower case, at most 31 characters. */
  readonly schema?: string;
  /** What the names of tables begin with. Default `"sojourn_"`. Lower case, at most 31 characters. */
  readonly prefix?: string;
}

export interface PostgresStoreOptions extends PostgresNaming {
  /**
   * Whether statements are prepared once per connection and named. Default `true`, which is half again as fast.
   * `false` behind a pooler in transaction mode that does not follow prepared statements, such as PgBouncer before
   * 1.21: there a named statement fails, or hangs.
   */
  readonly preparedStatements?: boolean;
  /** Whether `open()` makes missing tables. Default `true`. `false`: it fails, and `migrate()` or an operator makes them. */
  readonly migrate?: boolean;
  /**
   * Whether the connection may leave this machine without TLS in production. Default `false`: `createSessions` refuses
   * it where the client shows it. `true`: whoever is on that network reads user ids and data, and can end or change
   * sessions.
   */
  readonly allowPlaintext?: boolean;
}

const OPTIONS = ["schema", "prefix", "preparedStatements", "migrate", "allowPlaintext"];

/**
 * Keeps sessions in PostgreSQL, 12 or later, through a pool the application has: `Pool` of pg or `sql` of postgres. A
 * single connected `Client` of pg works as well, if nobody else uses it. `close()` leaves it open.
 *
 * Every operation is one or a few single statements, so any pooler will do. No session state is used.
 *
 * Throws `InvalidOptionError` at once for an impossible client or option. Everything else shows at `open()`, as `StoreFault`.
 */
export function postgresStore(client: PostgresClient, options: PostgresStoreOptions = {}): PostgresStore {
  refuseUnknownKeys(options, OPTIONS, "postgresStore");
  if (!isPostgresClient(client)) {
    throw new InvalidOptionError("client", "must be a Pool or Client of pg, or sql of postgres");
  }
  const { preparedStatements, migrate } = readSwitches(options);
  const link = new Link(askThrough(client, preparedStatements));
  const plaintextTo = plaintextHost(endpointsOf(client), options.allowPlaintext);
  const engine = postgresEngine(link, checkNaming(options), migrate, {
    guarantees: SQL_GUARANTEES,
    plaintextTo,
  });
  return new SqlSessionStore(engine);
}

/**
 * The SQL that `open()` and `migrate()` run, for a migration tool of your own. It may be run again. Throws
 * `InvalidOptionError` for an impossible name.
 */
export function postgresSchema(naming: PostgresNaming = {}): string {
  refuseUnknownKeys(naming, ["schema", "prefix"], "postgresSchema");
  return schemaScript(checkNaming(naming));
}

/**
 * Tells a cache (`tiered`) of every change in a PostgreSQL store, by whichever process. `makeClient` makes a `Client` of pg
 * that is not connected: it is called for every connection, and again when one is lost. It has to reach the server itself,
 * without a pooler.
 *
 * The first one to listen makes triggers on the table of sessions, which `NOTIFY`. `naming`: the store's. Throws
 * `InvalidOptionError` at once for an impossible name.
 */
export function postgresInvalidations(
  makeClient: () => PgListener,
  naming: PostgresNaming = {},
): Invalidations {
  refuseUnknownKeys(naming, ["schema", "prefix"], "postgresInvalidations");
  if (typeof makeClient !== "function") {
    throw new InvalidOptionError("makeClient", "must be a function that answers a new Client of pg");
  }
  const dial = listenDial(makeClient, checkNaming(naming));
  return { listen: (listener) => keepListening(dial, spellPostgres, listener) };
}

/** The SQL of its triggers, for a migration tool. It may be run again, after that of `postgresSchema`. */
export function postgresInvalidationsSchema(naming: PostgresNaming = {}): string {
  refuseUnknownKeys(naming, ["schema", "prefix"], "postgresInvalidationsSchema");
  return triggerScript(checkNaming(naming));
}

function checkNaming({ schema = DEFAULT_SCHEMA, prefix = DEFAULT_PREFIX }: PostgresNaming): Names {
  for (const [name, value] of Object.entries({ schema, prefix })) {
    if (isName(value)) continue;
    throw new InvalidOptionError(
      name,
      "must be lower-case letters, digits and _, at most 31, not beginning with a digit",
    );
  }
  return namesOf(schema, prefix);
}
