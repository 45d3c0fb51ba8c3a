import fc from "fast-check";
import { expect, test } from "vitest";
import { NONE } from "./column.ts";
import { DeadlineHeap } from "./deadline-heap.ts";

const time = fc.integer({ min: 0, max: 20 });
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("add" as const), time }),
    fc.record({ kind: fc.constant("postpone" as const), which: fc.nat(), by: time }),
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat() }),
  ),
  { maxLength: 150 },
);

test("the earliest time is on top after any adding, postponing and removing", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new DeadlineHeap();
      const model = new Map<number, number>();
      for (const [row, step] of all.entries()) {
        if (step.kind === "add") {
          heap.add(row, step.time);
          model.set(row, step.time);
        } else {
          const [known, at] = [...model][step.which % Math.max(1, model.size)] ?? [];
          if (known === undefined || at === undefined) continue;
          if (step.kind === "postpone") {
            heap.postpone(known, at + step.by);
            model.set(known, at + step.by);
          } else {
            heap.remove(known);
            model.delete(known);
          }
        }
        const earliest = Math.min(...model.values());
        expect(heap.due(earliest - 1)).toBe(NONE);
        const due = heap.due(earliest);
        expect(model.get(due)).toBe(model.size === 0 ? undefined : earliest);
      }
    }),
  );
});

test("taken out one by one they come in the order of their times", () => {
  fc.assert(
    fc.property(fc.array(time, { maxLength: 200 }), (times) => {
      const heap = new DeadlineHeap();
      for (const [row, at] of times.entries()) heap.add(row, at);
      const taken: number[] = [];
      for (let due = heap.due(100); due !== NONE; due = heap.due(100)) {
        taken.push(times[due] ?? -1);
        heap.remove(due);
      }
      expect(taken).toEqual(times.toSorted((a, b) => a - b));
    }),
  );
});

test("a cleared heap has nothing due", () => {
  const heap = new DeadlineHeap();
  heap.add(1, 5);
  heap.clear();
  expect(heap.due(1000)).toBe(NONE);
});
