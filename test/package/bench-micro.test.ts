// `npm run bench:micro` measures what it names, and sets it beside budgets and earlier runs.
import { describe, expect, test } from "vitest";
import { microTable } from "../../bench/micro/table.ts";
import { root, run } from "../support/consumer.ts";

const measured = (name: string, micros: number, budget: number | null = null) => ({
  name,
  group: "Any",
  micros,
  worst: micros,
  budget,
});

test("the steps that are asked for are measured, and stand in the table with their times", async () => {
  const args = ["--only", "token:", "--rounds", "1", "--seconds", "0.001"];
  const { code, output } = await run(process.execPath, ["bench/micro.ts", ...args], root);
  expect(output).toMatch(/\| token: parse \| [\d.]+ \| [\d.]+ \|/);
  expect(output).toMatch(/\| token: verify, and decode a 500-byte session \| .* 5: (met|\*\*not met\*\*) \|/);
  expect(output).not.toContain("cookie:");
  expect(code).toBe(0);
});

test.each([
  [["--only", "no such step"], 'Nothing has "no such step" in its name.'],
  [["--rounds", "0"], '--rounds must be a number above 0, not "0"'],
  [["--sconds", "1"], "Unknown option '--sconds'"],
])("%j is refused", async (args, message) => {
  const { code, output } = await run(process.execPath, ["bench/micro.ts", ...args], root);
  expect(output).toContain(message);
  expect(code).not.toBe(0);
});

describe("beside an earlier run", () => {
  const earlier = [measured("platform: any", 1), measured("ours", 4), measured("steady", 10)];

  test("a step that got slower stands out by how much", () => {
    const table = microTable([measured("platform: any", 1), measured("ours", 8)], earlier);
    expect(table).toContain("| ours | 8.00 | 8.00 |  | 4.00 | **2.00 times** |");
  });

  test("a machine that is twice as slow is no change of ours", () => {
    const now = [measured("platform: any", 2), measured("ours", 8), measured("steady", 21)];
    const table = microTable(now, earlier);
    expect(table).toMatch(/\| ours .* \| 1\.00 times \|/);
    expect(table).toMatch(/\| steady .* \| 1\.05 times \|/);
  });

  test("a step that was not there is new", () => {
    expect(microTable([measured("another", 1)], earlier)).toMatch(/\| another .* \| new \|/);
  });
});

test("a budget says whether it is met", () => {
  expect(microTable([measured("one", 5, 5)])).toContain("| 5: met |");
  expect(microTable([measured("one", 5.1, 5)])).toContain("| 5: **not met** |");
});
