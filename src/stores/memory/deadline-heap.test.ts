import fc from "fast-check";
import { expect, test } from "vitest";
import { DeadlineHeap } from "./deadline-heap.ts";

interface Item {
  place: number;
  readonly name: number;
}

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
      const heap = new DeadlineHeap<Item>();
      const model = new Map<Item, number>();
      for (const [name, step] of all.entries()) {
        if (step.kind === "add") {
          const item = { place: 0, name };
          heap.add(item, step.time);
          model.set(item, step.time);
        } else {
          const [item, at] = [...model][step.which % Math.max(1, model.size)] ?? [];
          if (!item || at === undefined) continue;
          if (step.kind === "postpone") {
            heap.postpone(item, at + step.by);
            model.set(item, at + step.by);
          } else {
            heap.remove(item);
            model.delete(item);
          }
        }
        const earliest = Math.min(...model.values());
        expect(heap.due(earliest - 1)).toBeUndefined();
        const due = heap.due(earliest);
        expect(due && model.get(due)).toBe(model.size === 0 ? undefined : earliest);
      }
    }),
  );
});

test("taken out one by one they come in the order of their times", () => {
  fc.assert(
    fc.property(fc.array(time, { maxLength: 200 }), (times) => {
      const heap = new DeadlineHeap<Item>();
      const items = times.map((_, name) => ({ place: 0, name }));
      for (const [name, item] of items.entries()) heap.add(item, times[name] ?? 0);
      const taken: number[] = [];
      for (let due = heap.due(100); due; due = heap.due(100)) {
        taken.push(times[due.name] ?? -1);
        heap.remove(due);
      }
      expect(taken).toEqual(times.toSorted((a, b) => a - b));
    }),
  );
});

test("a cleared heap has nothing due", () => {
  const heap = new DeadlineHeap<Item>();
  heap.add({ place: 0, name: 1 }, 5);
  heap.clear();
  expect(heap.due(1000)).toBeUndefined();
});
