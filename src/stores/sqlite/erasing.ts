/**
 * What SQLite keeps of deleted content beside the rows, and how it goes: in free parts of pages, in free pages, in
 * copies that splitting a page leaves behind, and in the write-ahead log.
 */
import { StoreFault } from "../../errors.ts";
import { prepareQuery, type SqliteHandle } from "./handle.ts";

/** A larger file takes too long to write again while writers wait: about 6 ms per MB. */
const REWRITE_LIMIT_BYTES = 32 * 1024 * 1024;

const FAST = 2;

/** What `act` deletes is overwritten with zeros, also where that costs a write of its own. */
export function securely<T>(db: SqliteHandle, act: () => T): T {
  const [before] = prepareQuery<[number]>(db, "PRAGMA main.secure_delete").get() ?? [0];
  db.exec("PRAGMA main.secure_delete = ON");
  try {
    return act();
  } finally {
    db.exec(`PRAGMA main.secure_delete = ${before === FAST ? "FAST" : before}`);
  }
}

export function isSmall(db: SqliteHandle): boolean {
  const [pages] = prepareQuery<[number]>(db, "PRAGMA main.page_count").get() ?? [0];
  const [size] = prepareQuery<[number]>(db, "PRAGMA main.page_size").get() ?? [0];
  return pages * size <= REWRITE_LIMIT_BYTES;
}

/** Changes with every commit of another connection, and counts the rows this one has changed. */
export interface Edition {
  readonly others: number;
  readonly own: number;
}

export function editionOf(db: SqliteHandle): Edition {
  const [others] = prepareQuery<[number]>(db, "PRAGMA main.data_version").get() ?? [0];
  const [own] = prepareQuery<[number]>(db, "SELECT total_changes()").get() ?? [0];
  return { others, own };
}

/** Writes the whole file again, from the rows there are and nothing else. */
export function rewrite(db: SqliteHandle): void {
  db.exec("VACUUM main");
}

/** Brings the log home and cuts it to nothing. Throws "busy" while a reader or writer elsewhere still needs it. */
export function emptyLog(db: SqliteHandle, where: string): void {
  const [isBusy] = prepareQuery<[number, ...number[]]>(db, "PRAGMA main.wal_checkpoint(TRUNCATE)").get() ?? [
    0,
  ];
  if (isBusy === 0) return;
  throw new StoreFault(
    "busy",
    `SQLite store ${where}: the sessions are ended, but another connection is reading, and keeps the log from being ` +
      "emptied. Erase again when it is done.",
  );
}
