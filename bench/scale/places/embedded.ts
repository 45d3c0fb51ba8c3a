/** Stores without a server: in the memory of this process, and in a folder that is removed afterwards. */
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SessionId } from "../../../src/core/record.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { fileStore } from "../../../src/stores/file.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { diskUse } from "../../shared/footprint.ts";
import { liveBytes } from "../../shared/garbage.ts";
import { type Fleet, ORIGINALS } from "../fleet.ts";
import type { Place, Site } from "../place.ts";

/** Of a session with 480 bytes of data, about. */
const STORED_BYTES = 700;

export async function memoryPlace(): Promise<Place> {
  return {
    title: "memory",
    version: `Node ${process.versions.node}`,
    async make() {
      const store = memoryStore({ maxSessions: 10_000_000 });
      await store.open();
      return { store, bytes: liveBytes, raw: mapOfCopies, [Symbol.asyncDispose]: () => store.close() };
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** The least that a store in memory can do: find bytes by a text, and hand out a copy. */
function mapOfCopies(fleet: Fleet): (id: SessionId) => unknown {
  const map = new Map<string, Buffer>();
  for (let place = 0; place < fleet.size; place++) map.set(fleet.record(place).id, randomBytes(STORED_BYTES));
  return (id) => Buffer.from(map.get(id) ?? "");
}

export async function filePlace(): Promise<Place> {
  return inFolders("file", `Node ${process.versions.node}`, (folder) => fileStore(folder));
}

export async function sqlitePlace(): Promise<Place> {
  const fileIn = (folder: string): string => join(folder, "sessions.db");
  const version = `SQLite ${process.versions.sqlite}`;
  return inFolders(
    "SQLite",
    version,
    (folder) => sqliteStore(fileIn(folder)),
    (folder) => ({
      createsUpTo: ORIGINALS,
      copy: async (_fleet, from, to) => copyRows(fileIn(folder), from, to),
      settle: async () => checkpoint(fileIn(folder)),
    }),
  );
}

async function inFolders(
  title: string,
  version: string,
  open: (folder: string) => SessionStore,
  more?: (folder: string) => Omit<Site, "store" | "bytes" | keyof AsyncDisposable>,
): Promise<Place> {
  const parent = mkdtempSync(join(tmpdir(), "sojourn-scale-"));
  return {
    title,
    version,
    async make() {
      const folder = mkdtempSync(join(parent, "store-"));
      const store = open(folder);
      await store.open();
      return {
        store,
        bytes: () => diskUse(folder),
        ...more?.(folder),
        async [Symbol.asyncDispose]() {
          await store.close();
          rmSync(folder, { recursive: true });
        },
      };
    },
    async [Symbol.asyncDispose]() {
      rmSync(parent, { recursive: true, force: true });
    },
  };
}

/** By another connection, in one transaction: whatever columns there are, with another id and another user. */
function copyRows(path: string, from: number, to: number): void {
  const db = new DatabaseSync(path);
  try {
    db.function("copy_of_id", { deterministic: true }, (id, copy) =>
      createHash("md5")
        .update(`${Buffer.from(id as Uint8Array).toString("hex")}:${Number(copy)}`)
        .digest(),
    );
    db.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000");
    const isRowid = "pk = 1 AND upper(type) = 'INTEGER'";
    const columns = db
      .prepare(`SELECT name FROM pragma_table_info('sojourn_sessions') WHERE NOT (${isRowid})`)
      .all();
    const names = columns.map(({ name }) => String(name));
    const values = names.map((name) =>
      name === "id" ? "copy_of_id(id, copy)" : name === "user_id" ? "user_id || '-' || copy" : name,
    );
    db.exec(`INSERT INTO sojourn_sessions (${names.join(", ")})
      WITH RECURSIVE copies (copy) AS (VALUES (${from}) UNION ALL SELECT copy + 1 FROM copies WHERE copy < ${to})
      SELECT ${values.join(", ")} FROM copies,
        (SELECT * FROM sojourn_sessions WHERE rowid <= ${ORIGINALS})`);
  } finally {
    db.close();
  }
}

function checkpoint(path: string): void {
  const db = new DatabaseSync(path);
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  db.close();
}
