import { expect, test } from "vitest";
import { fromSortable, sortable } from "./sortable.ts";

test("instants come back exactly, and their texts sort as they do", () => {
  const instants = [-8.64e15, -1, -0.5, 0, 0.25, 1, 1893553445678, 1893553445679, 8.64e15];
  const texts = instants.map(sortable);
  expect(texts.map(fromSortable)).toEqual(instants);
  expect(texts.toSorted()).toEqual(texts);
  expect(texts.every((text) => /^[0-9a-f]{16}$/.test(text))).toBe(true);
});
