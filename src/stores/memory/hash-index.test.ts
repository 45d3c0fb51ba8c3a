import fc from "fast-check";
import { expect, test } from "vitest";
import { NONE } from "./column.ts";
import { HashIndex } from "./hash-index.ts";

/** Few hashes, so that many fall together; some at the end of the table, where places go round. */
const hash = fc.constantFrom(0, 1, 2, 14, 15, -1, -2, 2 ** 31 - 1);
const steps = fc.array(fc.record({ hash, removes: fc.boolean(), which: fc.nat() }), { maxLength: 200 });

test("every row is found by its hash after any adding, replacing and removing, and no other", () => {
  fc.assert(
    fc.property(steps, (all) => {
      const index = new HashIndex();
      const model = new Map<number, number>();
      for (const [row, step] of all.entries()) {
        const [known, at] = [...model][step.which % Math.max(1, model.size)] ?? [];
        if (known === undefined || at === undefined || !step.removes) {
          index.add(step.hash, row);
          model.set(row, step.hash);
        } else if (step.which % 3 === 0) {
          index.replace(at, known, row);
          model.delete(known);
          model.set(row, at);
        } else {
          index.remove(at, known);
          model.delete(known);
        }
        for (const [each, itsHash] of model)
          expect(index.find(itsHash, (found) => found === each)).toBe(each);
        expect(index.find(step.hash, (found) => !model.has(found))).toBe(NONE);
      }
      index.clear();
      for (const [row, itsHash] of model) expect(index.find(itsHash, (found) => found === row)).toBe(NONE);
    }),
  );
});
