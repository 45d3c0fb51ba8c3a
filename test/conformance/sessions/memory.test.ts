/** The promises about sessions, on the memory store. */
import { describe, it } from "vitest";
import { memoryStore } from "../../../src/stores/memory.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";

describe("sessions in memory", () => {
  for (const { name, run } of sessionContract({ open: async () => memoryStore() })) it(name, run);
});
