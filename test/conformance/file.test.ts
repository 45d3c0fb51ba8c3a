import { mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, test } from "vitest";
import type { SessionStore } from "../../src/stores/contract.ts";
import { fileStore } from "../../src/stores/file.ts";
import { storeContract } from "../../src/testing/store-contract/index.ts";
import { register } from "../../src/testing/store-contract/register.ts";
import { remainsOf } from "../support/remains.ts";

const scratch = mkdtempSync(join(tmpdir(), "sojourn-file-"));
afterAll(() => rmSync(scratch, { recursive: true }), 60_000);

const folders = new WeakMap<SessionStore, string>();
let count = 0;

async function on(folder: string): Promise<SessionStore> {
  const store = fileStore(folder);
  folders.set(store, folder);
  return store;
}

const folderOf = (store: SessionStore): string => folders.get(store) ?? "";

const cases = storeContract({
  guarantees: fileStore(scratch).guarantees,
  open: () => on(join(scratch, String(count++))),
  reopen: (store) => on(folderOf(store)),
  async outage(store) {
    // As when the volume it is on goes away.
    renameSync(folderOf(store), `${folderOf(store)}.away`);
    return async () => renameSync(`${folderOf(store)}.away`, folderOf(store));
  },
  remains: async (store) => remainsOf(folderOf(store)),
  scan: true,
  many: 500,
});

register(cases, test);
