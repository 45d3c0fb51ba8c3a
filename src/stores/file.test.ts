import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import {
  at,
  MINUTE,
  NOW,
  newVersion,
  recordOf,
  scratchFolder,
  since,
} from "../../test/support/stored-records.ts";
import type { SessionRecord } from "../core/record.ts";
import { InvalidOptionError } from "../errors.ts";
import type { SessionStore } from "./contract.ts";
import { type FileStoreOptions, fileStore } from "./file.ts";

async function openStore(folder: string, options?: FileStoreOptions): Promise<SessionStore> {
  const store = fileStore(folder, options);
  await store.open();
  onTestFinished(() => store.close());
  return store;
}

async function added(store: SessionStore, record: SessionRecord): Promise<SessionRecord> {
  expect(await store.create(record, { ...at(0), since: since() })).toEqual({ ok: true });
  return record;
}

/** Everything below a folder, as paths relative to it. */
function treeOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true }).map(String);
}

function sessionFile(folder: string, record: SessionRecord): string {
  const name = Buffer.from(record.id, "base64url").toString("hex");
  return join(folder, "sessions", name.slice(0, 2), name);
}

function bytesOf(record: SessionRecord): SessionRecord {
  return { ...record, credentials: Buffer.from(record.credentials), payload: Buffer.from(record.payload) };
}

test("folders and files are made for their owner only, with names of hexadecimal digits", async () => {
  const folder = join(scratchFolder(), "var", "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("../../ada"));
  await store.delete(record.id, "logged-out", at(1));
  await added(store, recordOf("../../ada"));
  await store.deleteByUser("eve", at(0));
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const path of treeOf(folder)) {
    const stats = lstatSync(join(folder, path));
    expect([path, stats.mode & 0o777]).toEqual([path, stats.isDirectory() ? 0o700 : 0o600]);
    expect(path).toMatch(
      /^(lock-\d+|store|(drafts|due|left|marks|sessions|users)(\/s?m?[0-9a-f-]+(s|m)?[0-9a-f]*)*)$/,
    );
  }
});

test("what it never was told of stays out of its reach", async () => {
  const outside = scratchFolder();
  const canary = join(outside, "canary");
  writeFileSync(canary, "sings");
  const store = await openStore(join(outside, "sessions"));
  const record = await added(store, recordOf("ada"));
  for (const id of ["../canary", "..", "/etc/passwd", "canary\0", `${record.id.slice(0, 19)}/..`]) {
    expect(await store.load(id, at(0))).toBeNull();
    expect(await store.delete(id, "revoked", at(0))).toBe("gone");
    expect(await store.save({ ...record, id }, record.version, at(0))).toBe("gone");
  }
  for (const userId of ["../canary", "../../canary", "a/b", "\0"]) {
    await store.deleteByUser(userId, at(0));
    expect(await store.listByUser(userId, { ...at(0), limit: 5 })).toEqual({ sessions: [], after: null });
  }
  expect(readFileSync(canary, "utf8")).toBe("sings");
  expect(readdirSync(outside).toSorted()).toEqual(["canary", "sessions"]);
});

test("a symbolic link in the place of a session is a fault, and what it leads to is left alone", async () => {
  const outside = scratchFolder();
  const canary = join(outside, "canary");
  writeFileSync(canary, "sings");
  const folder = join(outside, "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("ada"));
  rmSync(sessionFile(folder, record));
  symlinkSync(canary, sessionFile(folder, record));
  const attempts = [
    store.load(record.id, at(0)),
    store.save({ ...record, version: newVersion() }, record.version, at(0)),
    store.delete(record.id, "revoked", at(0)),
    store.create(record, { ...at(0), since: since() }),
  ];
  for (const attempt of attempts) await expect(attempt).rejects.toMatchObject({ kind: "corrupt" });
  expect(readFileSync(canary, "utf8")).toBe("sings");
});

test("a user's name is nowhere in a path, and names differ from store to store", async () => {
  const folders = [join(scratchFolder(), "a"), join(scratchFolder(), "b")];
  const names: string[] = [];
  for (const folder of folders) {
    await added(await openStore(folder), recordOf("tilly@example.org"));
    expect(treeOf(folder).join()).not.toContain("tilly"); // the digests are hex: "ada" could be one by chance
    names.push(...treeOf(join(folder, "users")).filter((path) => /^..\/[0-9a-f]{32}$/.test(path)));
  }
  expect(new Set(names).size).toBe(2);
});

test("nothing of an ended session is left in its file", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const record = await added(
    store,
    recordOf("ada", { label: "Firefox", payload: Buffer.from("secret plans") }),
  );
  await store.delete(record.id, "logged-out", at(1));
  const left = treeOf(folder).filter((path) => statSync(join(folder, path)).isFile());
  for (const path of left) {
    const bytes = readFileSync(join(folder, path));
    const texts = ["ada", "Firefox"].map((text) => Buffer.from(text, "utf16le"));
    for (const trace of ["secret plans", ...texts, Buffer.from(record.credentials)]) {
      expect(bytes.includes(trace), path).toBe(false);
    }
  }
  expect(treeOf(join(folder, "users")).filter((path) => path.includes("-"))).toEqual([]);
});

test.each([
  ["cut short", (bytes: Buffer) => bytes.subarray(0, 300)],
  ["empty, as after a power failure", () => Buffer.alloc(0)],
  ["one bit off", (bytes: Buffer) => bytes.with(200, (bytes[200] ?? 0) ^ 1)],
  ["longer than it says", (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")])],
])("a session file that is %s is a fault and not a missing session", async (_, damage) => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("ada"));
  const sound = await added(store, recordOf("ada"));
  const path = sessionFile(folder, record);
  writeFileSync(path, damage(readFileSync(path)));
  for (const attempt of [
    store.load(record.id, at(0)),
    store.touch(record.id, NOW + 40 * MINUTE, at(0)),
    store.save({ ...record, version: newVersion() }, record.version, at(0)),
    store.create(record, { ...at(0), since: since() }),
  ]) {
    await expect(attempt).rejects.toMatchObject({ kind: "damaged" });
  }
  const { sessions } = await store.listByUser("ada", { ...at(0), limit: 5 });
  expect(sessions.map((session) => session.id)).toEqual([sound.id]);
});

test("a session file under the name of another session never becomes that session", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const [mine, theirs] = [await added(store, recordOf("eve")), await added(store, recordOf("ada"))];
  writeFileSync(sessionFile(folder, mine), readFileSync(sessionFile(folder, theirs)));
  await expect(store.load(mine.id, at(0))).rejects.toMatchObject({
    kind: "damaged",
    message: expect.stringContaining("belongs to another session"),
  });
});

test("a damaged session is revoked with all others of its user, and is no hindrance to that", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const [damaged] = [await added(store, recordOf("ada")), await added(store, recordOf("ada"))];
  writeFileSync(sessionFile(folder, damaged), "nonsense");
  expect(await store.deleteByUser("ada", at(1))).toBe(1);
  expect(await store.load(damaged.id, at(1))).toEqual({ ended: "revoked", at: NOW + 1 });
});

test("a damaged session is set aside when its time is over, and the operator is told at the next start", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("ada"));
  writeFileSync(sessionFile(folder, record), "nonsense");
  expect(await store.sweep({ ...at(30 * MINUTE), limit: 10 })).toEqual({ removed: 0, more: false });
  expect(await store.load(record.id, at(30 * MINUTE))).toBeNull();
  await store.close();
  expect(readdirSync(join(folder, "damaged"))).toHaveLength(1);
  const next = fileStore(folder);
  onTestFinished(() => next.close());
  expect(await next.open()).toEqual([expect.stringContaining("1 damaged session files")]);
});

test("texts that a database or a file might cut or mend come back as they were", async () => {
  const store = await openStore(join(scratchFolder(), "sessions"));
  const names = ["a", "a\0", "a\0b", "\ud800", "\udfff", "\ufffd", "a\u0000\ud800"];
  for (const name of names) await store.create(recordOf(name, { label: name }), { ...at(0), since: since() });
  for (const name of names) {
    const { sessions } = await store.listByUser(name, { ...at(0), limit: 9 });
    expect(sessions.map((session) => [session.userId, session.label])).toEqual([[name, name]]);
    expect(await store.deleteByUser(name, at(0))).toBe(1);
  }
});

test("drafts that a crash left are gone after the next start", async () => {
  const folder = join(scratchFolder(), "sessions");
  await (await openStore(folder)).close();
  writeFileSync(join(folder, "drafts", "7"), "half a sess");
  await openStore(folder);
  expect(readdirSync(join(folder, "drafts"))).toEqual([]);
});

test("an index entry whose session was never put in place is dropped when it is met", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("ada"));
  const sound = await added(store, recordOf("ada"));
  rmSync(sessionFile(folder, record));
  const entries = (): string[] => treeOf(join(folder, "users")).filter((path) => path.includes("-"));
  expect(entries()).toHaveLength(2);
  const { sessions } = await store.listByUser("ada", { ...at(0), limit: 5 });
  expect(sessions.map((session) => session.id)).toEqual([sound.id]);
  expect(entries()).toHaveLength(1);
});

test.each([
  ["the index and the schedules", ["users", "due", "left"], "lock"],
  ["the key", ["store"], "key"],
])(
  "after a power failure that took %s the user's sessions are found and swept as before",
  async (_, lost, how) => {
    const folder = join(scratchFolder(), "sessions");
    const before = await openStore(folder);
    const record = await added(before, recordOf("ada"));
    const ended = await added(before, recordOf("ada"));
    await before.delete(ended.id, "logged-out", at(0));
    await before.close();
    for (const name of lost) rmSync(join(folder, name), { recursive: true });
    if (how === "lock") {
      const lock = join(folder, "lock-1");
      const holder = JSON.parse(readFileSync(lock, "utf8")) as object;
      writeFileSync(
        lock,
        JSON.stringify({ ...holder, released: false, pid: 1, boot: "another", processTable: "x" }),
      );
      utimesSync(lock, 0, 0);
    }
    const store = await openStore(folder);
    const { sessions } = await store.listByUser("ada", { ...at(0), limit: 5 });
    expect(sessions.map((session) => session.id)).toEqual([record.id]);
    expect(await store.sweep({ ...at(30 * MINUTE), limit: 10 })).toEqual({ removed: 1, more: false });
    await store.sweep({ ...at(50 * MINUTE), limit: 10 });
    expect(treeOf(join(folder, "sessions")).filter((path) => path.includes("/"))).toEqual([]);
  },
);

test("a sweep looks only at what is due, and comes back to what was used since", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const used = await added(store, recordOf("ada"));
  await added(store, recordOf("ada"));
  await store.touch(used.id, NOW + 50 * MINUTE, at(20 * MINUTE));
  expect(await store.sweep({ ...at(30 * MINUTE), limit: 10 })).toEqual({ removed: 1, more: false });
  writeFileSync(sessionFile(folder, used), "would be set aside if it were looked at");
  expect(await store.sweep({ ...at(49 * MINUTE), limit: 10 })).toEqual({ removed: 0, more: false });
  expect(readdirSync(folder)).not.toContain("damaged");
});

function sessionFiles(folder: string): number {
  return treeOf(join(folder, "sessions")).filter((path) => path.includes("/")).length;
}

test("a sweep forgets no more than its limit at a time, however much there is", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  for (let n = 0; n < 7; n++) {
    const record = await added(store, recordOf(null));
    await store.delete(record.id, "logged-out", at(0));
  }
  const call = { ...at(10 * MINUTE), limit: 3 };
  for (const left of [4, 1, 0]) {
    expect(await store.sweep(call)).toEqual({ removed: 0, more: left > 0 });
    expect(sessionFiles(folder)).toBe(left);
  }
});

test("each call of a sweep ends something while there is something to end, whatever ended before it", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  for (let n = 0; n < 50; n++) {
    const record = await added(store, recordOf("ada"));
    await store.delete(record.id, "logged-out", at(0));
    await store.deleteByUser(`user ${n}`, at(0));
  }
  for (let n = 0; n < 7; n++) await added(store, recordOf("ada"));
  const call = { ...at(40 * MINUTE), limit: 3 };
  for (const removed of [3, 3, 1, 0]) expect(await store.sweep(call)).toEqual({ removed, more: true });
  expect(sessionFiles(folder)).toBeGreaterThanOrEqual(50 + 7 - 4 * 3);
});

test("a sweep on a disk that takes five milliseconds for each file leaves the rest to the next call", async () => {
  const store = await openStore(join(scratchFolder(), "sessions"));
  for (let n = 0; n < 50; n++) await added(store, recordOf(null));
  let millis = 0;
  const clock = vi.spyOn(performance, "now").mockImplementation(() => (millis += 2.5)); // two looks for each file
  onTestFinished(() => clock.mockRestore());
  const call = { ...at(40 * MINUTE), limit: 64 };
  const first = await store.sweep(call);
  expect(first.more).toBe(true);
  expect(first.removed).toBeGreaterThan(0);
  expect(first.removed + (await store.sweep(call)).removed).toBe(50);
});

test("what a folder of before has of tombstones and marks among the deadlines is forgotten too", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("ada"));
  await store.deleteByUser("ada", at(0));
  await store.close();
  for (const path of treeOf(join(folder, "left"))) {
    const into = join(folder, "due", path);
    if (path.includes("/")) renameSync(join(folder, "left", path), into);
    else mkdirSync(into, { recursive: true });
  }
  rmSync(join(folder, "left"), { recursive: true });
  const next = await openStore(folder);
  expect(await next.load(record.id, at(1))).toEqual({ ended: "revoked", at: NOW });
  expect(await next.sweep({ ...at(60 * MINUTE), limit: 5 })).toEqual({ removed: 0, more: false });
  expect(treeOf(folder).filter((path) => statSync(join(folder, path)).isFile())).toHaveLength(2);
});

test("a session whose end was cut short after its mark moved is found again, and ended in its time", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  await added(store, recordOf("ada"));
  await store.close();
  const [mark = ""] = treeOf(join(folder, "due")).filter((path) => path.includes("/"));
  const bucket = join(folder, "left", mark.split("/")[0] ?? "");
  mkdirSync(bucket);
  renameSync(join(folder, "due", mark), join(folder, "left", mark));
  const next = await openStore(folder);
  expect(await next.sweep({ ...at(31 * MINUTE), limit: 5 })).toEqual({ removed: 1, more: false });
});

test("everything a session needed on the disk is gone when its end is forgotten", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  for (let login = 0; login < 5; login++) await added(store, recordOf("ada"));
  await store.deleteByUser("ada", at(1));
  await store.sweep({ ...at(60 * MINUTE), limit: 10 });
  const files = treeOf(folder).filter((path) => statSync(join(folder, path)).isFile());
  expect(files.toSorted()).toEqual(["lock-1", "store"]);
});

test("a write that fails changes nothing and leaves nothing behind", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("ada"));
  rmSync(join(folder, "drafts"), { recursive: true });
  writeFileSync(join(folder, "drafts"), "in the way");
  const next = { ...record, version: newVersion() };
  await expect(store.save(next, record.version, at(0))).rejects.toMatchObject({ kind: "unavailable" });
  await expect(store.delete(record.id, "revoked", at(0))).rejects.toMatchObject({ kind: "unavailable" });
  const login = { ...at(0), since: since(), replaces: record };
  await expect(store.create(recordOf("ada"), login)).rejects.toMatchObject({ kind: "unavailable" });
  expect(await store.health(at(0))).toMatchObject({ ok: false });
  rmSync(join(folder, "drafts"));
  mkdirSync(join(folder, "drafts"));
  expect(await store.load(record.id, at(0))).toEqual(bytesOf(record));
  expect((await store.listByUser("ada", { ...at(0), limit: 5 })).sessions).toHaveLength(1);
  expect(readdirSync(join(folder, "drafts"))).toEqual([]);
});

test("a session that cannot be read keeps no other from ending", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const records: SessionRecord[] = [];
  for (const userId of ["ada", "bob", "cy", "dan", "eve"]) records.push(await added(store, recordOf(userId)));
  const [bad = recordOf("nobody")] = records;
  rmSync(sessionFile(folder, bad));
  mkdirSync(sessionFile(folder, bad));
  let [removed, failures] = [0, 0];
  for (let call = 0; call < 8; call++) {
    await store.sweep({ ...at(60 * MINUTE), limit: 1 }).then(
      (result) => (removed += result.removed),
      () => failures++,
    );
  }
  expect(removed).toBe(4);
  expect(failures).toBeGreaterThan(1); // it stays to be told
});

test("what a sweep has ended counts, even if the disk cannot say what else is due", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const first = await added(store, recordOf("ada"));
  const second = await added(store, recordOf("bob", { idleUntil: first.idleUntil + 5 * MINUTE }));
  const minute = join(folder, "due", String(Math.floor(second.idleUntil / MINUTE)));
  rmSync(minute, { recursive: true });
  writeFileSync(minute, "in the way");
  const call = { ...at(60 * MINUTE), limit: 1 };
  expect(await store.sweep(call)).toEqual({ removed: 1, more: true });
  await expect(store.sweep(call)).rejects.toMatchObject({ kind: "unavailable" });
});

test("a folder that goes away is an outage, and nothing is made in its place", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("ada"));
  renameSync(folder, `${folder}.away`);
  await expect(store.load(record.id, at(0))).rejects.toMatchObject({ kind: "unavailable" });
  await expect(store.create(recordOf("ada"), { ...at(0), since: since() })).rejects.toThrow(/lock is gone/);
  await expect(store.deleteByUser("ada", at(0))).rejects.toMatchObject({ kind: "unavailable" });
  expect(() => statSync(folder)).toThrow();
  renameSync(`${folder}.away`, folder);
  expect(await store.load(record.id, at(0))).toEqual(bytesOf(record));
});

test("a second store on the folder is refused in the same process too, until the first is closed", async () => {
  const folder = join(scratchFolder(), "sessions");
  const first = await openStore(folder);
  const second = fileStore(folder);
  onTestFinished(() => second.close());
  await expect(second.open()).rejects.toThrow(`in use by process ${process.pid} on`);
  await expect(second.open()).rejects.toThrow("this very process");
  await first.close();
  expect(await second.open()).toEqual([]);
});

test("a store whose folder was taken over writes nothing any more", async () => {
  const folder = join(scratchFolder(), "sessions");
  const store = await openStore(folder);
  const record = await added(store, recordOf("ada"));
  rmSync(join(folder, "lock-1"));
  await expect(store.touch(record.id, NOW + 40 * MINUTE, at(1))).rejects.toThrow(/taken it over/);
  await expect(store.sweep({ ...at(60 * MINUTE), limit: 5 })).rejects.toMatchObject({ kind: "unavailable" });
});

test("a folder written by a newer version, or whose key is damaged, is refused and given back", async () => {
  const folder = join(scratchFolder(), "sessions");
  await (await openStore(folder)).close();
  const path = join(folder, "store");
  const sound = readFileSync(path);
  writeFileSync(path, sound.with(10, (sound[10] ?? 0) ^ 1));
  await expect(fileStore(folder).open()).rejects.toMatchObject({ kind: "corrupt" });
  writeFileSync(path, sound);
  await openStore(folder);
});

test("a folder that others may enter is served, with a warning", async () => {
  const folder = scratchFolder();
  chmodSync(folder, 0o755);
  const store = fileStore(folder);
  onTestFinished(() => store.close());
  expect(await store.open()).toEqual([expect.stringContaining("chmod 700")]);
});

test("with durability power-loss everything works as without", async () => {
  const store = await openStore(join(scratchFolder(), "sessions"), { durability: "power-loss" });
  const record = await added(store, recordOf("ada"));
  const next = { ...record, version: newVersion() };
  expect(await store.save(next, record.version, at(0))).toBe("saved");
  expect(await store.deleteByUser("ada", at(1))).toBe(1);
  expect(store.guarantees.durable).toBe("power-loss");
});

test("thousands of sessions of one user end while others are served in between", async () => {
  const store = await openStore(join(scratchFolder(), "sessions"));
  for (let login = 0; login < 500; login++) await added(store, recordOf("ada"));
  let turns = 0;
  let isOver = false;
  const tick = (): void => {
    turns++;
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  expect(await store.deleteByUser("ada", at(1))).toBe(500);
  isOver = true;
  expect(turns).toBeGreaterThan(2);
});

test.each([
  ["an empty folder name", () => fileStore(" ")],
  ["a folder name with NUL", () => fileStore("x\0")],
  ["something else than a name", () => fileStore(7 as unknown as string)],
  ["an unknown option", () => fileStore("x", { fsync: true } as object)],
  ["an impossible durability", () => fileStore("x", { durability: "no" as "power-loss" })],
])("%s is refused at once", (_, make) => {
  expect(make).toThrow(InvalidOptionError);
});
