import { describe, test } from "vitest";
import { xml } from "../../../src/codecs/xml.ts";
import { codecContract, codecKinds, register } from "../../../src/testing/index.ts";

describe("the codec contract on xml", () => {
  register(codecContract({ create: () => xml, carries: codecKinds }), test);
});
