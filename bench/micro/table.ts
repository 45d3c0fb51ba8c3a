/** The times as Markdown: a line for each piece, beside its budget and an earlier run where there are any. */
import { table } from "../report/text.ts";
import type { Measured } from "./measuring.ts";

/** Times this close to an earlier run's are no news on a machine that does other things too. */
const NOISE = 1.15;

export function microTable(pieces: readonly Measured[], earlier: readonly Measured[] = []): string {
  const before = new Map(earlier.map((piece) => [piece.name, piece]));
  const drift = driftOf(pieces, before);
  const columns = ["Step", ">Microseconds", ">Worst round", ">Budget"];
  if (earlier.length > 0) columns.push(">Before", ">Change");
  const lines = pieces.map((piece) => {
    const { name, micros, worst, budget } = piece;
    const cells = [
      name,
      digits(micros),
      digits(worst),
      budget === null ? "" : `${budget}: ${micros <= budget ? "met" : "**not met**"}`,
    ];
    if (earlier.length === 0) return cells;
    const old = before.get(name);
    return [...cells, old ? digits(old.micros) : "", old ? change(piece, old, drift) : "new"];
  });
  return table(columns, lines);
}

/** How much faster or slower the machine itself was: what the platform's own pieces took, which no change of ours moves. */
function driftOf(pieces: readonly Measured[], before: ReadonlyMap<string, Measured>): number {
  const ratios = pieces
    .filter(({ name }) => name.startsWith("platform:"))
    .flatMap(({ name, micros }) => {
      const old = before.get(name);
      return old ? [micros / old.micros] : [];
    })
    .sort((one, other) => one - other);
  return ratios[Math.floor(ratios.length / 2)] ?? 1;
}

function change({ micros }: Measured, old: Measured, drift: number): string {
  const ratio = micros / old.micros / drift;
  const text = `${ratio.toFixed(2)} times`;
  return ratio > NOISE || ratio < 1 / NOISE ? `**${text}**` : text;
}

function digits(micros: number): string {
  return micros.toFixed(micros < 1 ? 3 : micros < 100 ? 2 : 0);
}
