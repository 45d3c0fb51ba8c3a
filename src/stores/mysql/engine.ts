/** MySQL and MariaDB behind the store that the databases share. */
import type { Guarantees, OpenOptions } from "../contract.ts";
import { Operations } from "../sql/operations.ts";
import type { Engine, Opened } from "../sql/store.ts";
import { userDigest } from "../user-digest.ts";
import { create } from "./create.ts";
import type { Link } from "./link.ts";
import type { Names } from "./names.ts";
import { migrate, openTables } from "./opening.ts";
import { MysqlQueries } from "./queries.ts";

/** What the store says of itself. */
interface About {
  readonly guarantees: Guarantees;
  readonly plaintextTo: string | undefined;
}

export function mysqlEngine(link: Link, names: Names, mayMigrate: boolean, about: About): Engine {
  return {
    name: "mysql",
    title: "MySQL",
    ...about,
    async open(options: OpenOptions): Promise<Opened> {
      const { userKey, warnings } = await openTables(link, names, mayMigrate, options);
      const queries = new MysqlQueries(link, names);
      const digest = userDigest(userKey);
      const ops = new Operations(queries.all(), digest, digest);
      return { ops, warnings, create: (record, call) => create(ops, queries, record, call) };
    },
    migrate: (options) => migrate(link, names, options),
  };
}
