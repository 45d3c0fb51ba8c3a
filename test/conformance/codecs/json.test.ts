import { describe, test } from "vitest";
import { json } from "../../../src/codecs/json.ts";
import { codecContract, register } from "../../../src/testing/index.ts";

describe("the codec contract on plain JSON", () => {
  register(codecContract({ create: () => json, carries: ["minus-zero", "lone-surrogates"] }), test);
});
