/** The promises about sessions behind a cache that nobody tells of changes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, test } from "vitest";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { tiered } from "../../../src/stores/tiered.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";
import { register } from "../../../src/testing/store-contract/register.ts";

describe("sessions behind a cache in front of SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-tiered-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  let opened = 0;
  const open = async () => tiered({ maxAge: "1m" }, sqliteStore(join(folder, `${opened++}.db`)));
  register(sessionContract({ open }), test);
});
