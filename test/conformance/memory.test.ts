// The store contract on the memory store.
import { describe, test } from "vitest";
import { memoryStore } from "../../src/stores/memory.ts";
import { register, storeContract } from "../../src/testing/index.ts";

describe("the store contract on memoryStore", () => {
  const { guarantees } = memoryStore();
  register(storeContract({ guarantees, scan: true, open: async () => memoryStore() }), test);
});
