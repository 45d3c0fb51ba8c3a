import { describe, test } from "vitest";
import { msgpack } from "../../../src/codecs/msgpack.ts";
import { codecContract, codecKinds, register } from "../../../src/testing/index.ts";

describe("the codec contract on msgpack", () => {
  register(codecContract({ create: () => msgpack, carries: codecKinds }), test);
});
