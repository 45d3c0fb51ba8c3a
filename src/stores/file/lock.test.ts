import { readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { scratchFolder } from "../../../test/support/stored-records.ts";
import { formatHolder, type Holder, thisProcess } from "./holder.ts";
import { type Lock, type Rhythm, takeFolder } from "./lock.ts";

const QUICK: Rhythm = { beatMs: 8, silenceMs: 60 };
const elsewhere: Partial<Holder> = { host: "web-2", boot: "another", processTable: "pid:[1]" };

async function take(folder: string): Promise<Lock> {
  const lock = await takeFolder(folder, undefined, QUICK);
  onTestFinished(() => lock.release());
  return lock;
}

/** A lock of somebody, `number` high. */
function putLock(folder: string, changes: Partial<Holder>, number = 1): string {
  const path = join(folder, `lock-${number}`);
  writeFileSync(path, formatHolder({ ...thisProcess("theirs"), ...changes }));
  return path;
}

function beat(path: string): void {
  const timer = setInterval(() => utimesSync(path, new Date(), new Date()), QUICK.beatMs);
  onTestFinished(() => clearInterval(timer));
}

const locksIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith("lock-"));

test("the first holder gets the folder, and gives it back with a note", async () => {
  const folder = scratchFolder();
  const lock = await take(folder);
  expect([lock.previous, lock.isHeld(), locksIn(folder)]).toEqual([null, true, ["lock-1"]]);
  lock.release();
  expect(JSON.parse(readFileSync(join(folder, "lock-1"), "utf8"))).toMatchObject({
    pid: process.pid,
    host: hostname(),
    released: true,
  });
  expect(readdirSync(folder)).toEqual(["lock-1"]);
});

test("numbers only go up, and one lock is left", async () => {
  const folder = scratchFolder();
  for (let turn = 1; turn <= 3; turn++) {
    (await take(folder)).release();
    expect(locksIn(folder)).toEqual([`lock-${turn}`]);
  }
});

test("of eight that find a dead holder at once exactly one gets the folder", async () => {
  const folder = scratchFolder();
  putLock(folder, { pid: 2 ** 22 + 1, startedTicks: "1" });
  const results = await Promise.allSettled(Array.from({ length: 8 }, () => take(folder)));
  expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(1);
  expect(locksIn(folder)).toEqual(["lock-2"]);
});

test("one that judged an old holder long ago steps back for whoever came since", async () => {
  const folder = scratchFolder();
  const current = putLock(folder, elsewhere, 3);
  beat(current);
  putLock(folder, { released: true }, 1);
  await expect(take(folder)).rejects.toThrow("in use by process");
  expect(locksIn(folder)).toContain("lock-3");
});

test.runIf(process.platform === "linux")(
  "a later process with the pid of a dead holder is not taken for it",
  async () => {
    const folder = scratchFolder();
    putLock(folder, { startedTicks: "1" });
    expect((await take(folder)).previous).toMatchObject({ token: "theirs" });
  },
);

test("a holder elsewhere that beats is refused by name, whatever runs under its pid here", async () => {
  const folder = scratchFolder();
  beat(putLock(folder, elsewhere));
  await expect(take(folder)).rejects.toMatchObject({
    kind: "unavailable",
    message: expect.stringContaining(`process ${process.pid} on web-2`),
  });
});

test("a holder elsewhere that fell silent is replaced, also when its clock was ahead", async () => {
  for (const time of [Date.now(), Date.now() + 3_600_000, 0]) {
    const folder = scratchFolder();
    const path = putLock(folder, elsewhere);
    utimesSync(path, time / 1000, time / 1000);
    expect((await take(folder)).isHeld()).toBe(true);
  }
});

test("a lock that says nothing readable is respected while it beats, and replaced when it does not", async () => {
  const folder = scratchFolder();
  const path = join(folder, "lock-1");
  writeFileSync(path, "");
  expect((await take(folder)).previous).toBeNull();
  const other = scratchFolder();
  const kept = join(other, "lock-1");
  writeFileSync(kept, '{"pid":');
  beat(kept);
  await expect(take(other)).rejects.toThrow("in use by another process");
});

test("a holder beats, so that others elsewhere see it live", async () => {
  const folder = scratchFolder();
  const lock = await take(folder);
  const path = join(folder, "lock-1");
  const holder = JSON.parse(readFileSync(path, "utf8")) as Holder;
  writeFileSync(path, formatHolder({ ...holder, ...elsewhere }));
  await expect(take(folder)).rejects.toThrow("on web-2");
  expect(lock.isHeld()).toBe(true);
});

test("a holder that lost the folder knows, and does not bring its lock back", async () => {
  const folder = scratchFolder();
  const first = await take(folder);
  putLock(folder, { pid: 2 ** 22 + 1, startedTicks: "1" });
  const second = await take(folder);
  expect([first.isHeld(), second.isHeld()]).toEqual([false, true]);
  first.release();
  expect(locksIn(folder)).toEqual(["lock-2"]);
});

test("who waits for a silent holder gives up when its caller does", async () => {
  const folder = scratchFolder();
  putLock(folder, elsewhere);
  const slow = { beatMs: 4, silenceMs: 60_000 };
  await expect(takeFolder(folder, AbortSignal.abort(), slow)).rejects.toThrow();
  expect(locksIn(folder)).toEqual(["lock-1"]);
});
