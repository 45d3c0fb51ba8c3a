import { expect, test } from "vitest";
import { WaitingList } from "./waiting-list.ts";

test("who leaves, first, last or in between, takes nobody along", () => {
  const list = new WaitingList<{ name: string; place: number }>();
  const [a, b, c, d] = ["a", "b", "c", "d"].map((name) => ({ name, place: -1 }));
  if (!a || !b || !c || !d) throw new Error("four are made");
  const names = (): string =>
    [...list.all()]
      .map(({ name }) => name)
      .toSorted()
      .join("");
  for (const one of [a, b, c, d]) list.add(one);
  list.remove(b);
  expect(names()).toBe("acd");
  list.remove(d);
  expect(names()).toBe("ac");
  list.add(b);
  list.remove(a);
  expect(names()).toBe("bc");
  list.remove(c);
  list.remove(b);
  expect(names()).toBe("");
});
