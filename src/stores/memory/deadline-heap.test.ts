import fc from "fast-check";
import { expect, test } from "vitest";
import { DeadlineHeap } from "./deadline-heap.ts";

interface Item {
  place: number;
  readonly name: number;
}

const deadline = fc.integer({ min: 0, max: 20 });
const steps = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("add" as const), deadline }),
    fc.record({ kind: fc.constant("move" as const), which: fc.nat(), deadline }),
    fc.record({ kind: fc.constant("remove" as const), which: fc.nat() }),
  ),
  { maxLength: 120 },
);

test("the earliest deadline is on top after any adding, moving and removing", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const heap = new DeadlineHeap<Item>();
      const model = new Map<Item, number>();
      const pick = (which: number): Item | undefined => [...model.keys()][which % Math.max(1, model.size)];
      for (const [name, step] of all.entries()) {
        const item = step.kind === "add" ? { place: 0, name } : pick(step.which);
        if (!item) continue;
        if (step.kind === "remove") {
          heap.remove(item);
          model.delete(item);
        } else {
          if (step.kind === "add") heap.add(item, step.deadline);
          else heap.move(item, step.deadline);
          model.set(item, step.deadline);
        }
        for (const [each, expected] of model) expect(heap.deadlineOf(each)).toBe(expected);
        const earliest = Math.min(...model.values());
        expect(heap.due(earliest - 1)).toBeUndefined();
        const due = heap.due(earliest);
        expect(due && model.get(due)).toBe(model.size === 0 ? undefined : earliest);
      }
    }),
  );
});

test("taken out one by one they come in the order of their deadlines", () => {
  fc.assert(
    fc.property(fc.array(deadline, { maxLength: 200 }), (deadlines) => {
      const heap = new DeadlineHeap<Item>();
      for (const [name, each] of deadlines.entries()) heap.add({ place: 0, name }, each);
      const taken: number[] = [];
      for (let due = heap.due(100); due; due = heap.due(100)) {
        taken.push(heap.deadlineOf(due));
        heap.remove(due);
      }
      expect(taken).toEqual(deadlines.toSorted((a, b) => a - b));
    }),
  );
});

test("a cleared heap has nothing due", () => {
  const heap = new DeadlineHeap<Item>();
  heap.add({ place: 0, name: 1 }, 5);
  heap.clear();
  expect(heap.due(1000)).toBeUndefined();
});
