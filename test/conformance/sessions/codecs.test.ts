/** The promises about sessions, on the memory store, with each codec that carries what the default does. */
import { describe, it } from "vitest";
import { msgpack } from "../../../src/codecs/msgpack.ts";
import { xml } from "../../../src/codecs/xml.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { sessionContract } from "../../../src/testing/session-contract/index.ts";

describe.each([msgpack, xml])("sessions in $name", (codec) => {
  for (const { name, run } of sessionContract({ open: async () => memoryStore(), codec })) it(name, run);
});
