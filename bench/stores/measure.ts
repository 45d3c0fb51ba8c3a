/** Rates of a store beside those of its driver, in the same run: both take turns, so that what disturbs one disturbs both. */

type Act = (turn: number) => unknown;

/** The same work twice: as the store does it, and as the driver alone. Turns count from 0 on for each. */
interface Pair {
  readonly operation: string;
  readonly store: Act;
  readonly raw: Act;
}

export interface Bench {
  readonly name: string;
  /** What stands beside it. */
  readonly rawName: string;
  /** How many calls are under way at a time. */
  readonly inFlight: number;
  readonly pairs: readonly Pair[];
  close(): Promise<void> | void;
}

const ROUNDS = 31;
const ROUND_MS = 25;
const HOLDS = 20_000;

interface Round {
  /** Calls a second. */
  readonly rate: number;
  /** Microseconds of this process for each call. */
  readonly cpu: number;
}

export async function measure(bench: Bench): Promise<void> {
  for (const { operation, store, raw } of bench.pairs) {
    const sides = [sideOf(store, bench.inFlight), sideOf(raw, bench.inFlight)] as const;
    const rounds: (readonly [Round, Round])[] = [];
    for (let round = -5; round < ROUNDS; round++) {
      const first = await sides[0]();
      const second = await sides[1]();
      if (round >= 0) rounds.push([first, second]);
    }
    const [own, driver] = [rounds.map(([round]) => round), rounds.map(([, round]) => round)];
    const shares = rounds.map(([round, other]) => round.rate / other.rate);
    console.log(
      `| ${bench.name} | ${operation} | ${thousands(own)} | ${bench.rawName}: ${thousands(driver)} | ` +
        `${(100 * median(shares)).toFixed(0)} % | ${microseconds(own)} | ${microseconds(driver)} |`,
    );
  }
}

/** How long single calls hold the event loop, in milliseconds: of a store that works in the thread of its caller. */
export async function measureHolds(bench: Bench): Promise<void> {
  for (const { operation, store } of bench.pairs) {
    const holds: number[] = [];
    for (let turn = 0; turn < HOLDS; turn++) {
      const started = performance.now();
      await store(turn);
      holds.push(performance.now() - started);
      if (turn % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    const sorted = holds.toSorted((a, b) => a - b);
    const at = (share: number): string => (sorted[Math.floor(share * (HOLDS - 1))] ?? 0).toFixed(2);
    console.log(`${bench.name} ${operation}: 99 % within ${at(0.99)} ms, 99.9 % ${at(0.999)}, all ${at(1)}`);
  }
}

export const HEAD = `| Store | Operation | thousand a second | the driver alone | of that | microseconds of CPU | the driver |
|---|---|---|---|---|---|---|`;

/** Runs for about `ROUND_MS` each time it is called. */
function sideOf(act: Act, inFlight: number): () => Promise<Round> {
  let turn = 0;
  let calls = 100;
  const worker = async (until: number): Promise<void> => {
    while (turn < until) {
      const answer = act(turn++);
      if (answer instanceof Promise) await answer;
    }
  };
  return async () => {
    const until = turn + calls;
    const cpuBefore = process.cpuUsage();
    const started = performance.now();
    await Promise.all(Array.from({ length: inFlight }, () => worker(until)));
    const ms = performance.now() - started;
    const { user, system } = process.cpuUsage(cpuBefore);
    const round = { rate: (calls / ms) * 1000, cpu: (user + system) / calls };
    calls = Math.max(50, Math.round((calls * ROUND_MS) / ms));
    return round;
  };
}

function thousands(rounds: readonly Round[]): string {
  return (median(rounds.map(({ rate }) => rate)) / 1000).toFixed(1);
}

function microseconds(rounds: readonly Round[]): string {
  return median(rounds.map(({ cpu }) => cpu)).toFixed(1);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}
