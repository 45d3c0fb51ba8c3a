/** What the soak found, as a table. */
import { table, whole } from "../report/text.ts";
import { type Trend, trendOf } from "./trend.ts";
import type { Soaked } from "./worker.ts";

export function soakTable(stores: readonly Soaked[]): string {
  const columns = ["Store", ">Requests", ">Heap", ">Rise", "Verdict", "Sockets, timers", "Answers"];
  const rows = stores.map((soaked) => {
    const { samples } = soaked;
    const trend = trendOf(samples);
    const [first, last] = [samples[Math.floor(samples.length / 3)], samples.at(-1)];
    const answers = Object.entries(soaked.answers).map(([status, count]) => `${status}: ${whole(count)}`);
    return [
      `${soaked.title} (${soaked.version})`,
      whole(soaked.requests),
      `${mebibytes(trend.bytes)} MiB`,
      rise(trend),
      trend.verdict === "flat" ? "flat" : "**growing**",
      `${first?.handles} at first, ${last?.handles} at last`,
      answers.join(", ") + (soaked.unexpected > 0 ? `, **${soaked.unexpected} unexpected**` : ""),
    ];
  });
  return table(columns, rows);
}

function rise({ bytes, rise }: Trend): string {
  return `${mebibytes(rise)} MiB (${((rise / bytes) * 100).toFixed(1)} %)`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}
