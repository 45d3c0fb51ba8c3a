/**
 * Row S2: with encryption a copy of the store holds nothing of the data. Everything put into sessions is searched for in
 * every byte on the disk, and in everything printed.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Codec } from "../../src/codecs/contract.ts";
import { encrypted, newKey } from "../../src/codecs/encrypted.ts";
import { taggedJson } from "../../src/codecs/tagged-json.ts";
import { createSessions } from "../../src/create-sessions.ts";
import type { SessionStore } from "../../src/stores/contract.ts";
import { fileStore } from "../../src/stores/file.ts";
import { sqliteStore } from "../../src/stores/sqlite.ts";
import { TEST_ORIGIN, TestBrowser } from "../../src/testing/browser.ts";
import { fakeClock } from "../../src/testing/clock.ts";

const POST = { method: "POST" } as const;
const MINUTE = 60_000;
const [KEY, NEXT] = [newKey(), newKey()];
const DATA = { secretName: "Augusta Ada King", card: "4111111111111111", notes: ["brown-eyes", "blue-hat"] };
const MESSAGE = "your card was charged";
const WORDS = [...Object.keys(DATA), DATA.secretName, DATA.card, ...DATA.notes, MESSAGE];

async function everyByteBelow(folder: string): Promise<Buffer> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Buffer.concat([
    ...(await Promise.all(files.map((file) => readFile(file)))),
    Buffer.from(files.join("\n")),
  ]);
}

/** In either form in which stores keep texts. */
function wordsIn(dump: Buffer, words: readonly string[] = WORDS): readonly string[] {
  return words.filter((word) => dump.includes(word) || dump.includes(Buffer.from(word, "utf16le")));
}

describe.each<[string, (folder: string) => SessionStore]>([
  ["SQLite", (folder) => sqliteStore(join(folder, "sessions.db"))],
  ["files", (folder) => fileStore(join(folder, "sessions"))],
])("a stolen copy of %s", (_, open) => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "sojourn-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const clock = fakeClock();
  const make = (store: SessionStore, codec: readonly [Codec, ...Codec[]]) =>
    createSessions<Record<string, unknown>>({
      store,
      codec,
      origin: TEST_ORIGIN,
      mode: "development",
      clock: clock.now,
    });

  async function live(tab: TestBrowser): Promise<void> {
    await tab.visit((session) => {
      for (const [key, value] of Object.entries(DATA)) session.set(key, value);
      session.flash("notice", MESSAGE);
    }, POST);
    await tab.visit(
      (session) => session.login("user-17", { label: "laptop", keep: Object.keys(DATA) }),
      POST,
    );
    await tab.visit((session) => session.update("notes", (notes) => [...(notes as string[]), "again"]), POST);
    for (let turn = 0; turn < 3; turn++) {
      clock.advance(16 * MINUTE);
      await tab.visit((session) => session.get("card"));
    }
    await tab.visit((session) => session.renew(), POST);
  }

  it("holds nothing of the data under encryption; what is not encrypted is the header", async () => {
    const store = open(folder);
    const tab = new TestBrowser(make(store, [encrypted(taggedJson, KEY)]));
    await live(tab);
    const dump = await everyByteBelow(folder);
    expect(wordsIn(dump)).toEqual([]);
    expect(wordsIn(dump, ["laptop"])).toEqual(["laptop"]);
    expect((await tab.visit((session) => [session.get("card"), session.flashes().length])).value).toEqual([
      DATA.card,
      1,
    ]);
    await store.close();
  });

  it("holds the data in the clear without encryption: the search finds what is there", async () => {
    const store = open(folder);
    await live(new TestBrowser(make(store, [taggedJson])));
    expect(wordsIn(await everyByteBelow(folder))).toEqual(WORDS);
    await store.close();
  });

  it("goes with logs, errors, events and inspected objects that hold no key and no data", async () => {
    const store = open(folder);
    const printed: string[] = [];
    const spies = (["log", "info", "warn", "error"] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...args) => void printed.push(inspect(args, { depth: 9 }))),
    );
    const codec = encrypted(taggedJson, [KEY, NEXT]);
    const sessions = make(store, [codec]);
    sessions.on("undecodable", (detail) => printed.push(inspect(detail, { depth: 9 })));
    const tab = new TestBrowser(sessions);
    await live(tab);
    const { value: id = "" } = await tab.visit((session) => session.id);
    const record = await store.load(id, { now: clock.now() });
    if (!record || "ended" in record) throw new Error("not stored");
    const payload = record.payload.map((byte, at) => (at === 40 ? byte ^ 1 : byte));
    await store.save({ ...record, version: "A".repeat(16), payload }, record.version, { now: clock.now() });
    expect((await tab.visit((session) => session.userId)).value).toBeNull();
    for (const object of [codec, sessions, sessions.describe()]) {
      printed.push(inspect(object, { depth: 12, showHidden: true }), JSON.stringify(object));
    }
    for (const spy of spies) spy.mockRestore();
    const text = printed.join("\n");
    expect(text).toContain("encrypted tagged-json");
    expect(text).toContain("seal");
    expect(wordsIn(Buffer.from(text))).toEqual([]);
    for (const key of [KEY, NEXT]) {
      const bytes = Buffer.from(key.slice(9), "base64url");
      for (const form of [
        key.slice(9),
        bytes.toString("hex"),
        bytes.toString("base64"),
        bytes.toString("latin1"),
      ])
        expect(text.includes(form)).toBe(false);
    }
    await store.close();
  });
});

describe("a SQLite file that moved from plain to encrypted while it was in use", () => {
  it("holds nothing of the data any more once its sessions have moved and it was compacted", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sojourn-"));
    const store = sqliteStore(join(folder, "sessions.db"));
    const clock = fakeClock();
    const make = (...codec: [Codec, ...Codec[]]) =>
      createSessions<Record<string, unknown>>({ store, codec, origin: TEST_ORIGIN, clock: clock.now });
    const sealed = encrypted(taggedJson, KEY);
    const before = make(taggedJson);
    const tabs = Array.from({ length: 40 }, () => new TestBrowser(before));
    for (const [at, tab] of tabs.entries()) {
      await tab.visit(async (session) => {
        await session.login(`user-${at}`);
        for (const [key, value] of Object.entries(DATA)) session.set(key, value);
        session.flash("notice", MESSAGE);
        session.set("filler", "x".repeat(at * 300)); // some rows spill over into pages of their own
      }, POST);
    }
    expect(wordsIn(await everyByteBelow(folder))).toEqual(WORDS);
    clock.advance(16 * MINUTE); // a rotation is due: it moves a session that is only read
    const moving = make(sealed, taggedJson);
    for (const tab of tabs)
      expect((await tab.copy(moving).visit((session) => session.get("card"))).value).toBe(DATA.card);
    await store.compact();
    expect(wordsIn(await everyByteBelow(folder))).toEqual([]);
    const after = make(sealed);
    for (const tab of tabs)
      expect((await tab.copy(after).visit((session) => session.get("card"))).value).toBe(DATA.card);
    await store.close();
    await rm(folder, { recursive: true });
  });
});
