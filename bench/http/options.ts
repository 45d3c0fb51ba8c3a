// What the command is told, and what it refuses.
import { parseArgs } from "node:util";

export interface Options {
  readonly rounds: number;
  /** Of each cell in each round. */
  readonly seconds: number;
  /** Requests of each cell before its first round, at most. */
  readonly warmUp: number;
  /** Words that a cell's name must have. "" for all. */
  readonly only: string;
  readonly list: boolean;
  /** Where the results go, if not to their usual place. */
  readonly output: string | null;
  /** Whether it measures everything, as long as is needed for numbers to be published. */
  readonly whole: boolean;
}

const WHOLE = { rounds: 11, seconds: 0.25, warmUp: 50_000 };
const QUICK = { rounds: 1, seconds: 0.3, warmUp: 3_000 };

export const USAGE = `npm run bench -- [options]

  --quick          one short round of what is hardly warm: only to see that everything runs
  --only "words"   only cells whose name has all these words, such as "Express 5 memory read",
                   and the bare framework beside them
  --rounds n       ${WHOLE.rounds} by default, from 1 to 20
  --seconds n      of each cell in each round: ${WHOLE.seconds} by default, from 0.1 to 60
  --warm-up n      requests before a cell's first round, at most: ${WHOLE.warmUp} by default, from 0 to 1000000
  --output path    of the results, for a run that is not the whole one
  --list           names the cells, and measures nothing

The whole run takes an hour, half as long again on a busy machine, and writes bench/results/http.json and
docs/benchmarks.md. One with any of these options writes bench/results/http-partial.json, and prints its table only.`;

/** Throws an error with a sentence for the user. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: "boolean", default: false },
      only: { type: "string", default: "" },
      rounds: { type: "string" },
      seconds: { type: "string" },
      "warm-up": { type: "string" },
      output: { type: "string" },
      list: { type: "boolean", default: false },
    },
  });
  const usual = values.quick ? QUICK : WHOLE;
  return {
    rounds: wholeIn("--rounds", values.rounds, usual.rounds, 1, 20),
    seconds: numberIn("--seconds", values.seconds, usual.seconds, 0.1, 60),
    warmUp: wholeIn("--warm-up", values["warm-up"], usual.warmUp, 0, 1_000_000),
    only: values.only,
    list: values.list,
    output: values.output ?? null,
    whole: args.length === 0,
  };
}

type Range = readonly [given: string | undefined, usual: number, least: number, most: number];

function wholeIn(option: string, ...range: Range): number {
  const value = numberIn(option, ...range);
  if (!Number.isInteger(value)) throw new Error(`${option} must be a whole number`);
  return value;
}

function numberIn(option: string, ...[given, usual, least, most]: Range): number {
  const value = given === undefined ? usual : Number(given);
  if (!(value >= least && value <= most)) throw new Error(`${option} must be from ${least} to ${most}`);
  return value;
}
