import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { holds, remainsOf } from "../../../test/support/remains.ts";
import { at, MINUTE, recordOf, scratchFolder, since } from "../../../test/support/stored-records.ts";
import type { SessionRecord } from "../../core/record.ts";
import type { SessionStore } from "../contract.ts";
import { fileStore } from "../file.ts";

async function openStore(folder: string): Promise<SessionStore> {
  const store = fileStore(folder);
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

async function added(store: SessionStore, userId: string): Promise<SessionRecord> {
  const record = recordOf(userId, { label: `label-of-${userId}` });
  expect(await store.create(record, { ...at(0), since: since() })).toEqual({ ok: true });
  return record;
}

function fileOf(folder: string, record: SessionRecord): string {
  const name = Buffer.from(record.id, "base64url").toString("hex");
  return join(folder, "sessions", name.slice(0, 2), name);
}

test("the user's folder goes, and no name of theirs is left but that of the mark, for fifteen minutes", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  for (let i = 0; i < 20; i++) await added(store, "ada-lovelace");
  await added(store, "bob");
  const [user = ""] = namesOf(folder, "users").filter((name) => /^[0-9a-f]{32}$/.test(name));
  const names = (): string[] => namesOf(folder).filter((name) => name.includes(user));
  const [before] = [names().length];
  await store.erase("ada-lovelace", at(1));
  expect(holds(remainsOf(folder), "ada-lovelace")).toBe(false);
  const left = namesOf(folder, "users").filter((name) => /^[0-9a-f]{32}$/.test(name));
  expect(left).toHaveLength(1);
  const [mark = ""] = readdirSync(join(folder, "marks"));
  expect(left).not.toContain(mark);
  expect(before).toBeGreaterThan(0);
  expect(namesOf(folder).filter((name) => name.includes(mark))).toHaveLength(2); // the mark, and when to look at it
  await store.sweep({ ...at(16 * MINUTE), limit: 100 });
  expect(namesOf(folder).filter((name) => name.includes(mark))).toEqual([]);
});

/** The last parts of all paths below a folder. */
function namesOf(folder: string, below = ""): string[] {
  return readdirSync(join(folder, below), { recursive: true }).map(
    (path) => String(path).split("/").at(-1) ?? "",
  );
}

test("damaged files that name the user go too, in place or set aside, and others stay", async () => {
  const folder = join(scratchFolder(), "sessions");
  const before = await openStore(folder);
  const people = ["ada-lovelace", "bob", "ada-lovelace"];
  const records: SessionRecord[] = [];
  for (const userId of people) records.push(await added(before, userId));
  const damage = (record: SessionRecord | undefined): void => {
    if (!record) return;
    const bytes = readFileSync(fileOf(folder, record));
    writeFileSync(fileOf(folder, record), bytes.with(6, (bytes[6] ?? 0) ^ 1));
  };
  for (const record of records.slice(0, 2)) damage(record);
  await before.sweep({ ...at(31 * MINUTE), limit: 10 });
  expect(readdirSync(join(folder, "damaged"))).toHaveLength(2);
  const again = await added(before, "ada-lovelace");
  damage(again);
  expect(holds(remainsOf(folder), "ada-lovelace")).toBe(true);
  await before.erase("ada-lovelace", at(31 * MINUTE));
  expect(holds(remainsOf(folder), "ada-lovelace")).toBe(false);
  expect(readdirSync(join(folder, "damaged"))).toHaveLength(1);
  expect(holds(remainsOf(folder), "label-of-bob")).toBe(true);
});
