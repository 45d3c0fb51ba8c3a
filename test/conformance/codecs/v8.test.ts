import { describe, test } from "vitest";
import { v8 } from "../../../src/codecs/v8.ts";
import { codecContract, codecKinds, register } from "../../../src/testing/index.ts";

describe("the codec contract on v8", () => {
  register(codecContract({ create: () => v8, carries: codecKinds }), test);
});
