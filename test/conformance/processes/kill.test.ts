import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fileStore } from "../../../src/stores/file.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { NOW, scratchFolder } from "../../support/stored-records.ts";
import { Ledger } from "./ledger.ts";

const VICTIM = fileURLToPath(new URL("victim.ts", import.meta.url));

/** Lets a process write, kills it in the middle, and notes what it had said. */
async function killOne(kind: "sqlite" | "file", path: string, round: number, ledger: Ledger): Promise<void> {
  const args = [VICTIM, kind, path, String(NOW + round * 1_000_000)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const closed = once(child, "close");
  let lines = 0;
  for await (const line of createInterface(child.stdout)) {
    ledger.read(line);
    if (++lines === 30 + ((round * 37) % 150)) child.kill("SIGKILL");
  }
  expect(await closed).toEqual([null, "SIGKILL"]);
}

test("twenty kills of a process that writes to SQLite lose nothing it had acknowledged", {
  timeout: 60_000,
}, async () => {
  await Promise.all(
    [0, 1, 2, 3].map(async () => {
      const path = join(scratchFolder(), "sessions.db");
      const ledger = new Ledger();
      for (let round = 0; round < 5; round++) {
        await killOne("sqlite", path, round, ledger);
        const store = sqliteStore(path);
        await store.open();
        await ledger.verify(store, NOW + round * 1_000_000 + 500_000);
        await store.close();
      }
      const db = new DatabaseSync(path);
      expect(db.prepare("PRAGMA integrity_check").all()).toEqual([{ integrity_check: "ok" }]);
      db.close();
    }),
  );
});

test("twenty kills of a process that writes to files lose nothing it had acknowledged", {
  timeout: 60_000,
}, async () => {
  await Promise.all(
    [0, 1, 2, 3].map(async () => {
      const folder = join(scratchFolder(), "sessions");
      const ledger = new Ledger();
      for (let round = 0; round < 5; round++) {
        await killOne("file", folder, round, ledger);
        const store = fileStore(folder);
        expect(await store.open()).toEqual([]);
        expect(readdirSync(join(folder, "drafts"))).toEqual([]);
        await ledger.verify(store, NOW + round * 1_000_000 + 500_000);
        await store.close();
      }
    }),
  );
});
