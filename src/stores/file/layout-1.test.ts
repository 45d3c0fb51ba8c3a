// A folder as version 1 of the layout left it: two live sessions of format 1, an ended one, and a revocation mark.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import {
  at,
  MINUTE,
  NOW,
  newVersion,
  recordOf,
  scratchFolder,
} from "../../../test/support/stored-records.ts";
import type { SessionRecord } from "../../core/record.ts";
import type { SessionStore } from "../contract.ts";
import { fileStore } from "../file.ts";

const STORE = "U0pGUwGOF5YX/tpKHPZnt4ATv7TxxXAgj3Kqc9dj4czVm9+AWjsO+T5Lm+yU";

const FILES: Readonly<Record<string, string>> = {
  store: STORE,
  "marks/193802f0b4d453dac765d241de786722":
    "+eO9Lw2WqpsbvEJFHGGB80J7jglJsuAAAAAAIDYAVgBaAFYAMABLAC0AQgBEAGwAVwBJADYAVQBEADcA",
  "sessions/01/01010101010101010101010101010101":
    "U0pSTgGPYFGEK+Hv+cvvuz610XTpAQEBAQEBAQEBAQEBAQEBAQFCe44JSbLgAEJ7jglJsuAAQnuOCUmy4ABCe44LASbgAEJ7jjJ8kuAAQTt3QAAAAABCe44LASbgAAcAAAAgQQBRAEUAQgBBAFEARQBCAEEAUQBFAEIAQQBRAEUAQgAAAAAGYQBkAGEAAAAADkYAaQByAGUAZgBvAHgAAAAAAwEBAQAAAARkYXRh",
  "sessions/02/02020202020202020202020202020202":
    "U0pSTgGqY5IzISE+CDP1GIJAyIdlAQICAgICAgICAgICAgICAgJCe44JSbLgAAAAAAAAAAAAQnuOCUmy4ABCe44LASbgAEJ7jjJ8kuAAQTt3QAAAAABCe44LASbgAAAAAAAgQQBnAEkAQwBBAGcASQBDAEEAZwBJAEMAQQBnAEkAQwAAAAAAAAAAAAAAAAMCAgIAAAAEZGF0YQ==",
  "sessions/03/03030303030303030303030303030303":
    "U0pSTgHppY1V5yvez5+6K1vtrM88AgMDAwMDAwMDAwMDAwMDAwNCe44JSbLgAAAAAA5yAGUAdgBvAGsAZQBkAA==",
  "users/ce/ceff0143f4b9862ce4e626815b0e4cef/c27b8e0949b2e000-01010101010101010101010101010101": "",
  "due/31559234/c27b8e09dc2ee000-s03030303030303030303030303030303": "",
  "due/31559239/c27b8e0a256ce000-m193802f0b4d453dac765d241de786722": "",
  "due/31559254/c27b8e0b0126e000-s01010101010101010101010101010101": "",
  "due/31559254/c27b8e0b0126e000-s02020202020202020202020202020202": "",
};

/** The sessions in it: of one byte each, and created at `NOW`. */
function storedAs(byte: number, userId: string | null, label: string | null): SessionRecord {
  return recordOf(userId, {
    id: Buffer.alloc(16, byte).toString("base64url"),
    version: Buffer.alloc(12, byte).toString("base64url"),
    label,
    credentials: Buffer.alloc(3, byte),
    payload: Buffer.from("data"),
  });
}

const ADAS = storedAs(1, "ada", "Firefox");
const VISITORS = storedAs(2, null, null);
const BOBS = storedAs(3, "bob", null);

function oldFolder(): string {
  const folder = join(scratchFolder(), "sessions");
  for (const [path, bytes] of Object.entries(FILES)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, path), Buffer.from(bytes, "base64"));
  }
  return folder;
}

async function openStore(folder: string): Promise<SessionStore> {
  const store = fileStore(folder);
  expect(await store.open()).toEqual([]);
  onTestFinished(() => store.close());
  return store;
}

test("the sessions of an older folder are served as they were, with nothing known about them", async () => {
  const store = await openStore(oldFolder());
  expect(await store.load(ADAS.id, at(1))).toEqual(ADAS);
  expect(await store.load(VISITORS.id, at(1))).toEqual(VISITORS);
  expect(await store.load(BOBS.id, at(1))).toEqual({ ended: "revoked", at: NOW });
  const { sessions } = await store.listByUser("ada", { ...at(1), limit: 9 });
  expect(sessions).toMatchObject([{ id: ADAS.id, label: "Firefox", about: null }]);
});

test("they go on under the new format, and end as others do", async () => {
  const folder = oldFolder();
  const before = await openStore(folder);
  const next = { ...ADAS, version: newVersion(), payload: Buffer.from("more") };
  expect(await before.save(next, ADAS.version, at(1))).toBe("saved");
  expect(await before.touch(VISITORS.id, NOW + 40 * MINUTE, at(2))).toBe(true);
  await before.close();
  const after = await openStore(folder);
  expect(await after.load(ADAS.id, at(3))).toEqual(next);
  expect(await after.sweep({ ...at(40 * MINUTE), limit: 9 })).toEqual({ removed: 2, more: false });
});

test("a revocation under way when the version changed still keeps out a login begun before it", async () => {
  const store = await openStore(oldFolder());
  const late = recordOf("bob");
  const call = { ...at(MINUTE), since: { startedAt: NOW - 1 } };
  expect(await store.create(late, call)).toEqual({ ok: false, reason: "revoked" });
  expect(await store.create(late, { ...call, since: { startedAt: NOW + 1 } })).toEqual({ ok: true });
});

test("an older version refuses a folder that was opened since, and takes no session in it for damaged", async () => {
  const folder = oldFolder();
  await (await openStore(folder)).close();
  const before = Buffer.from(STORE, "base64");
  const after = readFileSync(join(folder, "store"));
  expect(after.subarray(5, 37)).toEqual(before.subarray(5, 37)); // the key that names users
  expect(after[4]).toBe(2);
  expect(readdirSync(folder)).not.toContain("damaged");
});
