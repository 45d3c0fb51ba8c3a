import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { MINUTE, NOW, scratchFolder } from "../../../test/support/stored-records.ts";
import { Disk } from "./disk.ts";
import { Schedule, type Subject } from "./schedule.ts";

function newSchedule(folder = scratchFolder()): { schedule: Schedule; folder: string } {
  const disk = new Disk(folder, false);
  disk.prepare(["due"]);
  const schedule = new Schedule(disk, "due");
  schedule.load();
  return { schedule, folder };
}

const subject = (number: number): Subject => `s${number.toString(16).padStart(32, "0")}`;

function takeAll(schedule: Schedule, now: number): number[] {
  const taken: number[] = [];
  for (let due = schedule.take(now); due; due = schedule.take(now)) {
    taken.push(Number.parseInt(due.subject.slice(1), 16));
    schedule.remove(due.subject, due.at);
  }
  return taken;
}

test("what is due comes out in order, to the millisecond, each once", () => {
  const { schedule } = newSchedule();
  const offsets = [70_000, 5, 1, 0, 3, 120_000, 2];
  for (const offset of offsets) schedule.add(subject(offset), NOW + offset);
  expect(schedule.isDue(NOW - 1)).toBe(false);
  expect(takeAll(schedule, NOW + 2)).toEqual([0, 1, 2]);
  expect(takeAll(schedule, NOW + 2)).toEqual([]);
  expect(takeAll(schedule, NOW + 2 * MINUTE)).toEqual([3, 5, 70_000, 120_000]);
});

test("what comes into the minute that is being worked on is found too, also before it", () => {
  const { schedule } = newSchedule();
  schedule.add(subject(9), NOW + 9);
  expect(schedule.isDue(NOW)).toBe(false);
  schedule.add(subject(3), NOW + 3);
  schedule.add(subject(3), NOW + 3);
  schedule.add(subject(1), NOW - 5 * MINUTE);
  expect(takeAll(schedule, NOW + 20)).toEqual([1, 3, 9]);
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
  expect(takeAll(next, NOW + 50)).toEqual([1, 2]);
  expect(readdirSync(join(folder, "due"))).toHaveLength(1);
  expect(takeAll(next, NOW + 100_000)).toEqual([100_000]);
  expect(next.isDue(NOW + 100_000)).toBe(false);
  expect(readdirSync(join(folder, "due"))).toEqual([]);
});
