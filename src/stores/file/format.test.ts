import { expect, test } from "vitest";
import { NOW, recordOf } from "../../../test/support/stored-records.ts";
import type { EndReason } from "../../errors.ts";
import { decode, encodeEnded, encodeLive } from "./format.ts";

const plain = (record: object): unknown => JSON.parse(JSON.stringify(record));

test.each([
  ["a user's", recordOf("ada", { label: "Firefox on Linux" })],
  ["a visitor's", recordOf(null, { persistent: true })],
  [
    "one with empty texts and no bytes",
    recordOf("", { label: "", payload: Buffer.alloc(0), credentials: Buffer.alloc(0) }),
  ],
  [
    "one with a large payload",
    recordOf("Zoë 用户", { payload: Buffer.alloc(300_000, 7), label: "\u{1F680}".repeat(100) }),
  ],
  ["one with odd instants", recordOf("ada", { createdAt: 0.5, authenticatedAt: -1, seenAt: 8.64e15 })],
])("%s session comes back as it was", (_, record) => {
  const entry = decode(record.id, encodeLive({ record, lookAt: NOW + 7 }));
  expect(plain(entry)).toEqual(plain({ record: { ...record }, lookAt: NOW + 7 }));
});

test("every reason of an end comes back with its instant", () => {
  const { id } = recordOf(null);
  const reasons: EndReason[] = [
    "idle",
    "absolute",
    "logged-out",
    "revoked",
    "replaced",
    "limit",
    "theft",
    "risk",
  ];
  for (const ended of reasons)
    expect(decode(id, encodeEnded(id, { ended, at: NOW }))).toEqual({ ended, at: NOW });
});

test("no file that was cut or changed anywhere reads as a session or an end", () => {
  const record = recordOf("ada", { payload: Buffer.from("cart"), credentials: Buffer.alloc(20) });
  const files = [encodeLive({ record, lookAt: NOW }), encodeEnded(record.id, { ended: "revoked", at: NOW })];
  for (const file of files) {
    for (let length = 0; length < file.byteLength; length++) {
      expect(decode(record.id, file.slice(0, length))).toHaveProperty("damage");
    }
    for (let bit = 0; bit < file.byteLength * 8; bit++) {
      const changed = file.with(bit >> 3, (file[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
      expect(decode(record.id, changed), `bit ${bit}`).toHaveProperty("damage");
    }
  }
});
