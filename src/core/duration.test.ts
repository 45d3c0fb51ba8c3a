import { describe, expect, it } from "vitest";
import { InvalidArgumentError, InvalidOptionError } from "../errors.ts";
import { durationArgument, durationOption, spellDuration } from "./duration.ts";
import type { Duration } from "./types.ts";

describe("spelling a duration", () => {
  it.each([
    [1_800_000, "30m"],
    [86_400_000, "24h"],
    [2_592_000_000, "30d"],
    [5_400_000, "90m"],
    [1500, "1500ms"],
  ])("%d ms is %s", (ms, text) => {
    expect(spellDuration(ms)).toBe(text);
    expect(durationOption("", spellDuration(ms) as Duration, 0)).toBe(ms);
  });
});

describe("durations", () => {
  it.each<[Duration, number]>([
    ["500ms", 500],
    ["30s", 30_000],
    ["15m", 900_000],
    ["12h", 43_200_000],
    ["7d", 604_800_000],
    ["1.5h", 5_400_000],
    [1234, 1234],
  ])("reads %j as %d ms", (given, ms) => {
    expect(durationOption("idleTimeout", given, 1)).toBe(ms);
  });

  it("falls back where nothing is given", () => {
    expect(durationOption("idleTimeout", undefined, 42)).toBe(42);
  });

  it.each([
    0,
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    3651 * 86_400_000,
    "",
    "30",
    "m",
    "-5m",
    "30 m",
    "1e3s",
    "30M",
    null,
    {},
  ])("refuses %j, naming the option", (given) => {
    expect(() => durationOption("remember.idleTimeout", given as Duration, 1)).toThrow(InvalidOptionError);
    expect(() => durationOption("remember.idleTimeout", given as Duration, 1)).toThrow(
      /remember\.idleTimeout/,
    );
    expect(() => durationArgument("requireFresh(maxAge)", given as Duration, 1)).toThrow(
      InvalidArgumentError,
    );
  });
});
