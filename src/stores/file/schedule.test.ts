import { mkdirSync, readdirSync, readlinkSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MINUTE, NOW, scratchFolder } from "../../../test/support/stored-records.ts";
import { nameOf, PIECE, type Subject } from "./bucket.ts";
import { Disk } from "./disk.ts";
import { Schedule } from "./schedule.ts";

function newSchedule(
  folder = scratchFolder(),
  disk = new Disk(folder, false),
): { schedule: Schedule; folder: string } {
  disk.prepare(["due"]);
  const schedule = new Schedule(disk, "due");
  schedule.load();
  return { schedule, folder };
}

const ascending = (numbers: number[]): number[] => numbers.toSorted((a, b) => a - b);
const subject = (number: number): Subject => `s${number.toString(16).padStart(32, "0")}`;

function takeAll(schedule: Schedule, now: number): number[] {
  const taken: number[] = [];
  for (let due = schedule.take(now); due; due = schedule.take(now)) {
    if (due === "reading") continue;
    taken.push(Number.parseInt(due.subject.slice(1), 16));
    schedule.remove(due.subject, due.at);
  }
  return taken;
}

test("what is due comes out to the millisecond, each once, and an earlier minute first", () => {
  const { schedule } = newSchedule();
  const offsets = [70_000, 5, 1, 0, 3, 120_000, 2];
  for (const offset of offsets) schedule.add(subject(offset), NOW + offset);
  expect(schedule.isDue(NOW - 1)).toBe(false);
  expect(ascending(takeAll(schedule, NOW + 2))).toEqual([0, 1, 2]);
  expect(takeAll(schedule, NOW + 2)).toEqual([]);
  const rest = takeAll(schedule, NOW + 2 * MINUTE);
  expect(ascending(rest.slice(0, 2))).toEqual([3, 5]);
  expect(rest.slice(2)).toEqual([70_000, 120_000]);
});

test("what comes into the minute that is being worked on is found too, also before it", () => {
  const { schedule } = newSchedule();
  schedule.add(subject(9), NOW + 9000);
  expect(schedule.isDue(NOW)).toBe(false);
  for (const after of [3001, 3000, 3000]) schedule.add(subject(after), NOW + after);
  expect(takeAll(schedule, NOW + 3000)).toEqual([3000]);
  schedule.add(subject(1), NOW - 5 * MINUTE);
  const rest = takeAll(schedule, NOW + 9000);
  expect([rest[0], ascending(rest)]).toEqual([1, [1, 9, 3001]]);
});

test("a moved subject is due at its new time only, and one that was not there is made", () => {
  const { schedule } = newSchedule();
  schedule.add(subject(1), NOW);
  schedule.move(subject(1), NOW, NOW + MINUTE);
  schedule.move(subject(2), NOW - 77, NOW + 2 * MINUTE);
  expect(takeAll(schedule, NOW + MINUTE - 1)).toEqual([]);
  expect(takeAll(schedule, NOW + 2 * MINUTE)).toEqual([1, 2]);
});

test("another process finds on the disk what this one left, and finished minutes leave nothing", () => {
  const { schedule, folder } = newSchedule();
  for (const offset of [1, 2, 100_000]) schedule.add(subject(offset), NOW + offset);
  const next = newSchedule(folder).schedule;
  expect(ascending(takeAll(next, NOW + 50))).toEqual([1, 2]);
  expect(readdirSync(join(folder, "due"))).toHaveLength(1);
  expect(takeAll(next, NOW + 100_000)).toEqual([100_000]);
  expect(next.isDue(NOW + 100_000)).toBe(false);
  expect(readdirSync(join(folder, "due"))).toEqual([]);
});

const crowd = Array.from({ length: 2 * PIECE + 1 }, (_, number) => number);

/** A minute with more than two pieces of names, in an order that is none. */
function crowdedSchedule(): ReturnType<typeof newSchedule> {
  const made = newSchedule();
  for (const number of crowd.toSorted((a, b) => ((a * 7919) % 1031) - ((b * 7919) % 1031)))
    made.schedule.add(subject(number), NOW + number * 5);
  return made;
}

test("a minute with very many is read a piece at a time, and nobody says that nothing is due before", () => {
  const { schedule } = crowdedSchedule();
  expect([schedule.take(NOW), schedule.isDue(NOW - 1)]).toEqual(["reading", true]);
  expect(schedule.isDue(NOW - 1)).toBe(false);
  expect(ascending(takeAll(schedule, NOW + MINUTE))).toEqual(crowd);
});

test("a crowd that is due in one instant is not read before its first is taken", () => {
  const { schedule } = newSchedule();
  for (const number of crowd) schedule.add(subject(number), NOW);
  expect([schedule.take(NOW), schedule.take(NOW)]).toMatchObject(["reading", { at: NOW }]);
  expect(takeAll(schedule, NOW)).toHaveLength(crowd.length - 1);
});

test("what comes while a minute is read comes out once, also before that minute", () => {
  const { schedule } = crowdedSchedule();
  expect(schedule.take(NOW + MINUTE)).toBe("reading");
  const late = crowd.length;
  schedule.add(subject(late), NOW + late * 5);
  schedule.add(subject(3), NOW + 15);
  schedule.remove(subject(4), NOW + 20);
  const taken = ascending(takeAll(schedule, NOW + MINUTE));
  expect(taken.filter((number) => number !== 4)).toEqual([...crowd.filter((number) => number !== 4), late]);

  const other = crowdedSchedule().schedule;
  expect(other.take(NOW + MINUTE)).toBe("reading");
  other.add(subject(late), NOW - 5 * MINUTE);
  const [first, ...rest] = takeAll(other, NOW + MINUTE);
  expect([first, ascending(rest)]).toEqual([late, crowd]);
});

test("what comes due within a minute that was gone through is looked for once it is", () => {
  const { schedule } = newSchedule();
  for (const offset of [0, 21, 30]) schedule.add(subject(offset), NOW + 5 * offset);
  expect(takeAll(schedule, NOW + 100)).toEqual([0]);
  expect([schedule.isDue(NOW + 104), schedule.take(NOW + 104)]).toEqual([false, null]);
  schedule.move(subject(30), NOW + 150, NOW + 101);
  expect(takeAll(schedule, NOW + 101)).toEqual([30]);
  expect(takeAll(schedule, NOW + 105)).toEqual([21]);
});

test("a crowded minute is gone through once before it is over, and once after", () => {
  const { schedule } = crowdedSchedule();
  expect(ascending(takeAll(schedule, NOW + 100))).toEqual(crowd.slice(0, 21));
  const over = (Math.floor(NOW / MINUTE) + 1) * MINUTE;
  expect(schedule.isDue(over - 1)).toBe(false);
  expect(ascending(takeAll(schedule, over))).toEqual(crowd.slice(21));
});

test("names that are none of ours, or in a wrong folder, hold nothing up", () => {
  const { schedule, folder } = newSchedule();
  schedule.add(subject(1), NOW);
  const minute = join(folder, "due", String(Math.floor(NOW / MINUTE)));
  const noInstant = `ffffffffffffffff-${subject(2)}`;
  for (const name of ["notes.txt", noInstant, nameOf(subject(3), NOW + 9 * MINUTE)])
    writeFileSync(join(minute, name), "");
  schedule.add(subject(4), NOW + MINUTE);
  expect(takeAll(schedule, NOW + MINUTE)).toEqual([1, 4]);
  expect(schedule.isDue(NOW + 10 * MINUTE)).toBe(false);
});

/** A file system that counts places: whoever removes what was read skips as many. */
class CountingDisk extends Disk {
  override *pieces(path: string, size: number): Generator<string[], void> {
    for (let place = 0; ; place += size) {
      const names = this.list(path).slice(place, place + size);
      yield names;
      if (names.length < size) return;
    }
  }
}

test("names that a file system skips when others are removed come out all the same", () => {
  const folder = scratchFolder();
  const { schedule } = newSchedule(folder, new CountingDisk(folder, false));
  for (const number of crowd) schedule.add(subject(number), NOW);
  expect(ascending(takeAll(schedule, NOW + MINUTE))).toEqual(crowd);
  expect(readdirSync(join(folder, "due"))).toEqual([]);
});

test("minutes of which nothing is left are done with a few at a time", () => {
  const { schedule, folder } = newSchedule();
  for (const minute of crowd.slice(0, 100)) {
    schedule.add(subject(minute), NOW + minute * MINUTE);
    schedule.remove(subject(minute), NOW + minute * MINUTE);
  }
  expect(schedule.take(NOW + 200 * MINUTE)).toBe("reading");
  expect(readdirSync(join(folder, "due")).length).toBeGreaterThan(50);
  expect(takeAll(schedule, NOW + 200 * MINUTE)).toEqual([]);
  expect(readdirSync(join(folder, "due"))).toEqual([]);
});

test("a mark that cannot be taken away at its old time is known at the new one", () => {
  const { schedule, folder } = newSchedule();
  schedule.add(subject(1), NOW);
  const inTheWay = join(folder, "due", String(Math.floor(NOW / MINUTE)), nameOf(subject(2), NOW));
  mkdirSync(inTheWay);
  expect(() => schedule.move(subject(2), NOW, NOW + 2 * MINUTE)).toThrow();
  rmdirSync(inTheWay);
  expect(takeAll(schedule, NOW + 2 * MINUTE)).toEqual([1, 2]);
});

test("a reading that is given up leaves no folder open", (context) => {
  if (process.platform !== "linux") context.skip("only Linux tells in /proc what a process has open");
  const { schedule, folder } = crowdedSchedule();
  expect(schedule.take(NOW)).toBe("reading");
  expect(opened(folder)).toHaveLength(1);
  schedule.close();
  expect(opened(folder)).toEqual([]);
  expect(takeAll(schedule, NOW + MINUTE)).toHaveLength(crowd.length);
  expect(opened(folder)).toEqual([]);
});

/** What this process has open there. */
function opened(folder: string): string[] {
  return readdirSync("/proc/self/fd").filter((fd) => targetOf(`/proc/self/fd/${fd}`).startsWith(folder));
}

function targetOf(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    return ""; // closed meanwhile
  }
}
