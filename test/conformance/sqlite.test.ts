import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, test } from "vitest";
import type { SessionStore } from "../../src/stores/contract.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { storeContract } from "../../src/testing/store-contract/index.ts";
import { register } from "../../src/testing/store-contract/register.ts";
import { remainsOf } from "../support/remains.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-sqlite-"));
afterAll(() => rmSync(folder, { recursive: true }));

const paths = new WeakMap<SessionStore, string>();
let files = 0;

for (const durability of ["process-crash", "power-loss"] as const) {
  const on = async (path: string): Promise<SessionStore> => {
    const store = sqliteStore(path, { durability });
    paths.set(store, path);
    return store;
  };
  const again = (store: SessionStore): Promise<SessionStore> => on(paths.get(store) ?? "");
  const cases = storeContract({
    guarantees: sqliteStore(join(folder, "x.db"), { durability }).guarantees,
    open: () => on(join(folder, String(files++), "sessions.db")),
    reopen: again,
    second: again,
    remains: async (store) => remainsOf(dirname(paths.get(store) ?? "")),
    scan: true,
    many: 3000,
  });
  describe(durability, () => register(cases, test));
}
