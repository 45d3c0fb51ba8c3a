// Cells that are compared with each other take turns, so that whatever else the machine does meets all of them.
import { nameOf, type Plan } from "./cells.ts";
import type { Life } from "./collect.ts";
import type { ByPart } from "./profile/parts.ts";
import { type Pace, type Round, type RunningCell, startCell } from "./running-cell.ts";
import type { Sites } from "./sites/sites.ts";

export interface Watching {
  /** Told what comes next. */
  tell(name: string): void;
  /** Told of a cell that is left out from then on. */
  fail(error: unknown): void;
}

/** Starts them all, in fresh processes, and measures round by round: there, and then back. Profiles come last. */
export async function measureGroup(
  group: readonly Plan[],
  sites: Sites,
  pace: Pace,
  { tell, fail }: Watching,
): Promise<readonly Life[]> {
  const running: RunningCell[] = [];
  const measured = new Map<RunningCell, Round[]>();
  const profiles = new Map<RunningCell, ByPart | null>();
  // The bare framework is asked in the same manner as those that it is taken away from.
  const isAwake = group.every(({ store }) => !sites.of(store)?.server);
  try {
    for (const [turn, plan] of group.entries()) {
      const site = sites.of(plan.store);
      if (pace.stop.aborted || !site) break;
      tell(nameOf(plan));
      try {
        running.push(await startCell(plan, { site, turn, isAwake }, pace));
      } catch (error) {
        fail(error);
      }
    }
    for (let round = 0; round < pace.rounds; round++) {
      await inTurn(round % 2 === 0 ? running : running.toReversed(), async (cell) => {
        measured.set(cell, [...(measured.get(cell) ?? []), await cell.round()]);
      });
    }
    await inTurn(running, async (cell) => {
      if (cell.plan.store !== null) profiles.set(cell, await cell.profile());
    });
  } finally {
    for (const cell of running) await cell[Symbol.asyncDispose]();
  }
  return [...measured].map(([cell, rounds]) => {
    const { plan, census } = cell;
    return { plan, census, rounds, isAwake, profile: profiles.get(cell) ?? null };
  });

  async function inTurn(
    cells: readonly RunningCell[],
    act: (cell: RunningCell) => Promise<void>,
  ): Promise<void> {
    for (const cell of cells) {
      if (pace.stop.aborted) break;
      tell(nameOf(cell.plan));
      try {
        await act(cell);
      } catch (error) {
        fail(error);
      }
    }
  }
}
