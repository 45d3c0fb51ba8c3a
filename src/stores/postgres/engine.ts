/** PostgreSQL behind the store that the databases share. */
import type { Guarantees, OpenOptions } from "../contract.ts";
import { Operations } from "../sql/operations.ts";
import type { Query } from "../sql/queries.ts";
import type { Engine, Opened } from "../sql/store.ts";
import { userDigest } from "../user-digest.ts";
import { create } from "./create.ts";
import type { Link } from "./link.ts";
import type { Names } from "./names.ts";
import { migrate, openTables } from "./opening.ts";
import { type StatementName, statementsOn } from "./statements.ts";

/** What the store says of itself. */
interface About {
  readonly guarantees: Guarantees;
  readonly plaintextTo: string | undefined;
}

export function postgresEngine(link: Link, names: Names, mayMigrate: boolean, about: About): Engine {
  return {
    name: "postgres",
    title: "PostgreSQL",
    ...about,
    async open(options: OpenOptions): Promise<Opened> {
      const { userKey, warnings } = await openTables(link, names, mayMigrate, options);
      const queries = queriesThrough(link, names);
      const ops = new Operations(queries, userDigest(userKey));
      return { ops, warnings, create: (record, call) => create(ops, queries, record, call) };
    },
    migrate: (options) => migrate(link, names, options),
  };
}

function queriesThrough(link: Link, names: Names): Readonly<Record<StatementName, Query>> {
  const statements = statementsOn(names);
  const query =
    (name: StatementName): Query =>
    (values, call) =>
      link.run(statements[name], values, call);
  return {
    load: query("load"),
    insert: query("insert"),
    create: query("create"),
    save: query("save"),
    touch: query("touch"),
    end: query("end"),
    endUntold: query("endUntold"),
    endOfUser: query("endOfUser"),
    endAny: query("endAny"),
    sweep: query("sweep"),
    forgetMarks: query("forgetMarks"),
    isDue: query("isDue"),
    ofUser: query("ofUser"),
    liveAfter: query("liveAfter"),
    mark: query("mark"),
    markOf: query("markOf"),
    ping: query("ping"),
  };
}
