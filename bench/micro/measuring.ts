/** Times of pieces, in rounds over all of them: what disturbs the machine for a while spoils a round, not a piece. */
import { do_not_optimize, measure } from "mitata";
import { collectGarbage } from "../shared/garbage.ts";
import type { Group, Piece } from "./piece.ts";

export interface Measured {
  readonly name: string;
  readonly group: string;
  /** Microseconds: the median of the best round, since what disturbs a round only ever adds. */
  readonly micros: number;
  /** That of the worst round. */
  readonly worst: number;
  readonly budget: number | null;
}

export interface Effort {
  readonly rounds: number;
  /** For each piece in each round. */
  readonly seconds: number;
}

/** Short enough that most batches pass without another process in between, long enough for the clock. */
const BATCH = 256;

export async function measureAll(
  groups: readonly Group[],
  { rounds, seconds }: Effort,
  onProgress: (done: number, all: number) => void,
): Promise<readonly Measured[]> {
  const found = groups.flatMap(({ title, pieces }) =>
    pieces.map((piece) => ({ group: title, piece, medians: [] as number[] })),
  );
  for (let round = 0; round < rounds; round++) {
    for (const [at, { piece, medians }] of found.entries()) {
      onProgress(round * found.length + at, rounds * found.length);
      medians.push(await medianOf(piece, seconds));
    }
  }
  onProgress(rounds * found.length, rounds * found.length);
  return found.map(({ group, piece, medians }) => ({
    name: piece.name,
    group,
    micros: Math.min(...medians),
    worst: Math.max(...medians),
    budget: piece.budget ?? null,
  }));
}

async function medianOf({ act }: Piece, seconds: number): Promise<number> {
  const { p50 } = await measure(await kept(act), {
    gc: collectGarbage,
    min_cpu_time: seconds * 1e9,
    batch_samples: BATCH,
  });
  return p50 / 1000;
}

/** A promise has to reach the loop around it; anything else must not be optimised away. */
async function kept(act: () => unknown): Promise<() => unknown> {
  const first = act();
  if (!(first instanceof Promise)) return () => do_not_optimize(act());
  await first;
  return act;
}
