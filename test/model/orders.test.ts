/** The saving of orders loses nothing: what all orders come to, the few that are tried come to as well. */
import { expect, test } from "vitest";
import { explore } from "./explorer.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import type { Layout, World } from "./world.ts";

/** What a run came to, for everybody in it and for the store. */
function outcome(world: World): string {
  const visits = world.visits.map(
    ({ name, status, found, isLost }) => `${name} ${status} ${found} ${isLost}`,
  );
  const rows = [...world.store.rows.values()].map(
    ({ userId, payload, idleUntil }) =>
      `${userId} ${Buffer.from(payload).toString("latin1")} ${idleUntil - world.now}`,
  );
  return [...visits.toSorted(), ...rows.toSorted(), ...world.notes, world.violation].join("\n");
}

async function outcomes(name: string, layout: Layout, isReduced: boolean) {
  const scenario = SCENARIOS.find((known) => known.name === name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  const seen = new Set<string>();
  const exploration = {
    layout,
    cap: 10_000,
    isReduced,
    onRun: (world: World) => void seen.add(outcome(world)),
  };
  const { runs, isExhaustive } = await explore(scenario, exploration);
  return { seen: [...seen].toSorted(), runs, isExhaustive };
}

test.each<[string, Layout]>([
  ["writersFault", "one process"],
  ["writersFault", "several processes"],
  ["reauthenticateFault", "several processes"],
  ["renewFault", "one process"],
  ["rotateSlow", "one process"],
  ["skewExpiry", "several processes"],
  ["doubleLogin", "one process"],
])("%s in %s comes to the same", { timeout: 120_000 }, async (name, layout) => {
  const [few, all] = [await outcomes(name, layout, true), await outcomes(name, layout, false)];
  expect(few.isExhaustive && all.isExhaustive).toBe(true);
  expect(few.seen).toEqual(all.seen);
  expect(few.runs).toBeLessThan(all.runs);
});
