/** The promises about sessions, on the file store. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, it } from "vitest";
import { fileStore } from "../../../src/stores/file.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";

describe("sessions in files", () => {
  let folder = "";
  let opened = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const open = async () => {
    opened += 1;
    return fileStore(join(folder, String(opened)));
  };
  for (const { name, run } of sessionContract({ open })) it(name, run);
});
