/** `sojourn/stores/mysql`: sessions in MySQL or MariaDB, shared by all processes that reach it. */
import { refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import { isMysqlClient, lenderOf, type MysqlClient } from "./mysql/client.ts";
import { endpointsOf } from "./mysql/endpoints.ts";
import { mysqlEngine } from "./mysql/engine.ts";
import { Link } from "./mysql/link.ts";
import { DEFAULT_PREFIX, isPrefix, type Names, namesOf } from "./mysql/names.ts";
import { schemaScript } from "./mysql/schema.ts";
import { mannerOf } from "./mysql/statement.ts";
import { plaintextHost } from "./plaintext.ts";
import { readSwitches, SQL_GUARANTEES } from "./sql/options.ts";
import { SqlSessionStore, type SqlStore } from "./sql/store.ts";

export type {
  MysqlCallbackClient,
  MysqlClient,
  MysqlConnection,
  MysqlPool,
  MysqlPoolConnection,
  MysqlQuery,
  MysqlValue,
} from "./mysql/client.ts";

/** Sessions in MySQL or MariaDB. See `mysqlStore`. */
export type MysqlStore = SqlStore;

export interface MysqlNaming {
  /** What the names of tables begin with. Default `"sojourn_"`. Lower case, at most 31 characters. */
  readonly prefix?: string;
}

export interface MysqlStoreOptions extends MysqlNaming {
  /**
   * Whether statements are prepared once per connection. Default `true`, which reads a third faster. `false` behind a
   * proxy that does not follow prepared statements.
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

const OPTIONS = ["prefix", "preparedStatements", "migrate", "allowPlaintext"];

/**
 * Keeps sessions in MySQL, 8.0 or later, or MariaDB, 10.11 or later, through a pool of mysql2 that the application has,
 * with promises or with callbacks. A single connection works as well, if nobody else uses it. `close()` leaves it open.
 *
 * A login is one transaction; every other operation is one or a few single statements.
 *
 * Throws `InvalidOptionError` at once for an impossible client or option. Everything else shows at `open()`, as `StoreFault`.
 */
export function mysqlStore(client: MysqlClient, options: MysqlStoreOptions = {}): MysqlStore {
  refuseUnknownKeys(options, OPTIONS, "mysqlStore");
  if (!isMysqlClient(client)) {
    throw new InvalidOptionError("client", "must be a pool or connection of mysql2");
  }
  const { preparedStatements, migrate } = readSwitches(options);
  const link = new Link(lenderOf(client), mannerOf(client, preparedStatements));
  const plaintextTo = plaintextHost(endpointsOf(client), options.allowPlaintext);
  return new SqlSessionStore(
    mysqlEngine(link, checkNaming(options), migrate, { guarantees: SQL_GUARANTEES, plaintextTo }),
  );
}

/**
 * The SQL that `open()` and `migrate()` run, for a migration tool of your own. It may be run again. Throws
 * `InvalidOptionError` for an impossible name.
 */
export function mysqlSchema(naming: MysqlNaming = {}): string {
  refuseUnknownKeys(naming, ["prefix"], "mysqlSchema");
  return schemaScript(checkNaming(naming));
}

function checkNaming({ prefix = DEFAULT_PREFIX }: MysqlNaming): Names {
  if (isPrefix(prefix)) return namesOf(prefix);
  throw new InvalidOptionError(
    "prefix",
    "must be lower-case letters, digits and _, at most 31, not beginning with a digit",
  );
}
