/** Data to bytes and back: the whole way of a record's payload, through the envelope, with each codec. */
import { randomBytes } from "node:crypto";
import type { Codec } from "../../src/codecs/contract.ts";
import { encrypted, newKey } from "../../src/codecs/encrypted.ts";
import { json } from "../../src/codecs/json.ts";
import { msgpack } from "../../src/codecs/msgpack.ts";
import { taggedJson } from "../../src/codecs/tagged-json.ts";
import { v8 } from "../../src/codecs/v8.ts";
import { xml } from "../../src/codecs/xml.ts";
import type { Data } from "../../src/core/change-set.ts";
import { createDataShape } from "../../src/core/data-shape.ts";
import { createKeyRing } from "../../src/core/key-ring.ts";
import { seal, unseal } from "../../src/core/seal.ts";
import { newSessionId } from "../../src/core/token.ts";
import { ofHalfKilobyte, rich } from "../shared/samples.ts";
import { type Group, inTurn, type Piece } from "./piece.ts";

const keys = [newKey()];

export function payloads(): Group {
  const ids = Array.from({ length: 1000 }, () => newSessionId(randomBytes));
  const ring = createKeyRing(keys, "session-data");
  const text = JSON.stringify([ofHalfKilobyte]);
  const plain = Buffer.from(text);
  const [id = ""] = ids;
  const binding = { context: id, data: `1/129/${id}` };
  const sealed = seal(ring, plain, binding);
  return {
    title: "Data",
    pieces: [
      { name: "platform: JSON.stringify of 500 bytes", act: () => JSON.stringify([ofHalfKilobyte]) },
      { name: "platform: JSON.parse of 500 bytes", act: () => JSON.parse(text) },
      ...[taggedJson, json, msgpack, xml].flatMap((codec) => bothWays(codec, "500 bytes", ofHalfKilobyte)),
      ...[taggedJson, msgpack, xml].flatMap((codec) => bothWays(codec, "rich", rich)),
      ...[taggedJson, msgpack, v8].flatMap((codec) =>
        bothWays(encrypted(codec, keys), "500 bytes", ofHalfKilobyte, ids),
      ),
      { name: "seal: 500 bytes", act: () => seal(ring, plain, binding) },
      { name: "seal: open 500 bytes", act: () => unseal(ring, sealed, binding) },
    ],
  };
}

/** For each of `ids`, since a sealing codec has a key for each session. */
function bothWays(codec: Codec, what: string, data: Data, ids: readonly string[] = [""]): readonly Piece[] {
  const shape = createDataShape({
    codecs: [codec],
    schema: undefined,
    initial: undefined,
    maxBytes: 1024 * 1024,
    version: 1,
    migrate: null,
  });
  const body = { data, flashes: [] };
  const nextId = inTurn(ids);
  const next = inTurn(ids.map((id) => ({ id, payload: shape.encode(id, body) })));
  return [
    { name: `${codec.name}: encode ${what}`, act: () => shape.encode(nextId(), body) },
    {
      name: `${codec.name}: decode ${what}`,
      act() {
        const { id, payload } = next();
        return shape.decode(id, payload);
      },
    },
  ];
}
