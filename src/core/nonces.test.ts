import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { pooled } from "./nonces.ts";

test("what is drawn from a pool never comes twice, across its refills", () => {
  const draw = pooled(randomBytes);
  const drawn = Array.from({ length: 2000 }, () => Buffer.from(draw(12)).toString("hex"));
  expect(new Set(drawn).size).toBe(2000);
  expect(drawn.every((text) => text.length === 24)).toBe(true);
});

test("the system is asked once for hundreds of draws", () => {
  let asked = 0;
  const draw = pooled((length) => {
    asked += 1;
    return randomBytes(length);
  });
  for (let at = 0; at < 341; at++) draw(12);
  expect(asked).toBe(1);
  draw(12);
  expect(asked).toBe(2);
});

test("more than a pool holds is drawn at once", () => {
  expect(pooled(randomBytes)(10_000).byteLength).toBe(10_000);
});
