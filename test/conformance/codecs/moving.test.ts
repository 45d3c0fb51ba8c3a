// A live SQLite store moves from one codec to another: rows of the old one are read, and rewritten on their next write.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { Codec } from "../../../src/codecs/contract.ts";
import { json } from "../../../src/codecs/json.ts";
import { msgpack } from "../../../src/codecs/msgpack.ts";
import { taggedJson } from "../../../src/codecs/tagged-json.ts";
import { v8 } from "../../../src/codecs/v8.ts";
import { xml } from "../../../src/codecs/xml.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { fakeClock, TEST_ORIGIN, TestBrowser } from "../../../src/testing/index.ts";

const folder = mkdtempSync(join(tmpdir(), "sojourn-codecs-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

const POST = { method: "POST" } as const;
const since = new Date(1_700_000_000_123);
const ours: readonly Codec[] = [taggedJson, json, msgpack, xml, v8];
const reading: readonly Codec[] = [taggedJson, msgpack, xml];
const pairs = reading.flatMap((old) =>
  reading.filter((codec) => codec !== old).map((codec) => ({ old, codec, from: old.name, to: codec.name })),
);

/** Processes on one file, each with its codecs. */
function processes() {
  const path = join(folder, `${files++}.db`);
  const clock = fakeClock();
  const store = sqliteStore(path);
  const undecodable: string[] = [];
  const closers: (() => Promise<void>)[] = [() => store.close()];
  return {
    undecodable,
    clock,
    start(...codec: readonly [Codec, ...Codec[]]) {
      const sessions = createSessions({
        store: sqliteStore(path),
        origin: TEST_ORIGIN,
        mode: "production",
        accept: ["clock"],
        codec,
        clock: clock.now,
      });
      sessions.on("undecodable", ({ reason }) => undecodable.push(reason));
      closers.push(() => sessions.close());
      return sessions;
    },
    /** The id of the codec that wrote a browser's row. */
    async writerOf(browser: TestBrowser): Promise<number> {
      await store.open();
      const { value: id = "" } = await browser.visit((session) => session.id);
      const row = await store.load(id, { now: clock.now() });
      return row && !("ended" in row) ? (row.payload[0] ?? 0) : 0;
    },
    async [Symbol.asyncDispose]() {
      for (const close of closers) await close();
    },
  };
}

async function signIn(sessions: object, user: string): Promise<TestBrowser> {
  const browser = new TestBrowser(sessions);
  await browser.visit(async (session) => {
    await session.login(user);
    session.set("cart", ["tea"]);
    session.set("since", since);
  }, POST);
  return browser;
}

const cartOf = async (browser: TestBrowser): Promise<unknown> =>
  (await browser.visit((session) => [session.userId, session.get("cart"), session.get("since")])).value;
const put = (browser: TestBrowser, item: string) =>
  browser.visit((session) => session.update("cart", (cart) => [...(cart as string[]), item]), POST);

describe.each(pairs)("from $from to $to", ({ old, codec }) => {
  test("old rows are read and left alone; their next write is the new codec's", async () => {
    await using on = processes();
    const before = on.start(old);
    const [ada, bob] = [await signIn(before, "ada"), await signIn(before, "bob")];
    const after = on.start(codec, old);
    const [adaLater, bobLater] = [ada.copy(after), bob.copy(after)];
    expect(await cartOf(adaLater)).toEqual(["ada", ["tea"], since]);
    expect(await on.writerOf(adaLater)).toBe(old.id);
    await put(adaLater, "milk");
    expect([await on.writerOf(adaLater), await on.writerOf(bobLater)]).toEqual([codec.id, old.id]);
    expect(await cartOf(adaLater)).toEqual(["ada", ["tea", "milk"], since]);
    expect(await cartOf(bobLater)).toEqual(["bob", ["tea"], since]);
    expect(on.undecodable).toEqual([]);
  });

  test("while both kinds of processes run, each reads and writes the other's rows, and nothing is lost", async () => {
    await using on = processes();
    const before = on.start(old, codec);
    const after = on.start(codec, old);
    const ada = await signIn(before, "ada");
    const adaLater = ada.copy(after);
    for (const round of [1, 2, 3]) {
      await put(adaLater, `new ${round}`);
      expect(await on.writerOf(ada)).toBe(codec.id);
      await put(ada, `old ${round}`);
      expect(await on.writerOf(ada)).toBe(old.id);
    }
    await Promise.all([put(ada, "at once"), put(adaLater, "at once"), put(ada, "at once")]);
    const items = [
      "tea",
      "new 1",
      "old 1",
      "new 2",
      "old 2",
      "new 3",
      "old 3",
      "at once",
      "at once",
      "at once",
    ];
    expect(await cartOf(ada)).toEqual(["ada", items, since]);
    expect(await cartOf(adaLater)).toEqual(["ada", items, since]);
    expect(on.undecodable).toEqual([]);
  });
});

test("a row of a codec that is not named is a fresh session and an event, and is there again once it is named", async () => {
  await using on = processes();
  const ada = await signIn(on.start(msgpack), "ada");
  const elsewhere = ada.copy(on.start(xml, taggedJson));
  expect(await cartOf(elsewhere)).toEqual([null, undefined, undefined]);
  expect(on.undecodable).toEqual(["codec"]);
  expect(await cartOf(ada)).toEqual(["ada", ["tea"], since]);
});

test("a value that the new codec cannot carry is a fresh session and an event; rows without one move", async () => {
  await using on = processes();
  const before = on.start(taggedJson);
  const ada = await signIn(before, "ada");
  const bob = await signIn(before, "bob");
  await bob.visit((session) => session.delete("since"), POST);
  const after = on.start(json, taggedJson);
  expect(await cartOf(ada.copy(after))).toEqual([null, undefined, undefined]);
  expect(on.undecodable).toEqual(["codec"]);
  await put(bob.copy(after), "milk");
  expect(await cartOf(bob.copy(after))).toEqual(["bob", ["tea", "milk"], undefined]);
  expect(await on.writerOf(bob.copy(after))).toBe(json.id);
});

test("no two of our codecs have the same id or name", () => {
  expect(new Set(ours.map(({ id }) => id)).size).toBe(ours.length);
  expect(new Set(ours.map(({ name }) => name)).size).toBe(ours.length);
});
