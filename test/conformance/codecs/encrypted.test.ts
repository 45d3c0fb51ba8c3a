import { describe, test } from "vitest";
import type { Codec } from "../../../src/codecs/contract.ts";
import { encrypted, newKey } from "../../../src/codecs/encrypted.ts";
import { msgpack } from "../../../src/codecs/msgpack.ts";
import { taggedJson } from "../../../src/codecs/tagged-json.ts";
import { v8 } from "../../../src/codecs/v8.ts";
import { codecContract, codecKinds, register } from "../../../src/testing/index.ts";

const keys = [newKey(), newKey()];

describe.each<Codec>([taggedJson, msgpack, v8])("the codec contract on encrypted $name", (codec) => {
  const sealed = encrypted(codec, keys);
  register(codecContract({ create: () => sealed, carries: codecKinds }), test);
});
