// One workload as a picture: a row for each library, by framework and store, on the scale that all workloads share.
// Text stays text, colours follow the reader's scheme, and ours differs from peers in shape and weight besides.
import type { BenchResults, Cell } from "../http/results.ts";
import { addedOf, type Group, groupsOf, isOurs, isVoid, type Workload } from "./compare.ts";
import { addedSpread, type Scale, scaleOf } from "./scale.ts";
import { escapeXml, micros, percent, TITLES, times, whole } from "./text.ts";

const WIDTH = 860;
const ROW = 22;
/** From the left: stores, the end of the libraries' names, the plot, the ends of the three columns. */
const X = { store: 20, name: 236, plot: 252, plotEnd: 620, added: 688, times: 754, share: 840 };
const HEAD = 146;
const FOOT = 44;

const LIGHT = {
  paper: "#ffffff",
  ink: "#1d232b",
  soft: "#56606c",
  grid: "#dde2e8",
  ours: "#0a6c4e",
  peer: "#8a4b08",
};
const DARK = {
  paper: "#12171d",
  ink: "#e8ecf1",
  soft: "#a5afbb",
  grid: "#2d3640",
  ours: "#52d3a4",
  peer: "#f0ad63",
};

const STYLE = `
    text { font: 13px system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
    .title { font-size: 20px; font-weight: 650; }
    .framework { font-size: 15px; font-weight: 650; }
    .name, .number { text-anchor: end; font-variant-numeric: tabular-nums; }
    .tick { text-anchor: middle; }
    .ours { font-weight: 650; }
    .lead { stroke-opacity: 0.45; stroke-dasharray: 1 4; stroke-linecap: round; }
    .spread { stroke-width: 3; stroke-linecap: round; stroke-opacity: 0.55; }
    .dot { stroke-width: 2; }
    ${coloursOf(LIGHT)}
    @media (prefers-color-scheme: dark) { ${coloursOf(DARK)} }
  `;

/** Spelled out for both schemes: not every viewer of SVG knows variables. */
function coloursOf({ paper, ink, soft, grid, ours, peer }: typeof LIGHT): string {
  return [
    `.paper { fill: ${paper}; } text { fill: ${ink}; } .soft { fill: ${soft}; }`,
    `.grid { stroke: ${grid}; } .lead { stroke: ${soft}; } .spread { stroke: ${peer}; }`,
    `.dot { fill: ${paper}; stroke: ${peer}; } .ours.spread { stroke: ${ours}; }`,
    `.ours.dot { fill: ${ours}; stroke: ${ours}; }`,
  ].join(" ");
}

/** The picture of a workload, as text of an SVG file. */
export function plotOf(results: BenchResults, workload: Workload): string {
  const scale = scaleOf(results);
  const groups = groupsOf(results, workload);
  const body: string[] = [];
  let y = HEAD;
  let framework = "";
  for (const group of groups) {
    if (group.framework !== framework) {
      framework = group.framework;
      body.push(`<text class="framework" x="${X.store}" y="${y + 24}">${escapeXml(framework)}</text>`);
      body.push(line("grid", X.store, y + 34, X.share, y + 34));
      y += 44;
    }
    body.push(`<text class="soft" x="${X.store}" y="${y + 15}">${group.store}</text>`);
    for (const cell of group.cells) {
      body.push(rowOf(cell, group, scale, y + ROW / 2));
      y += ROW;
    }
    y += 10;
  }
  const height = y + FOOT;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title desc">
  <title id="title">${escapeXml(`${TITLES[workload][0]}: CPU time added per request`)}</title>
  <desc id="desc">${escapeXml(describe(groups))}</desc>
  <style>${STYLE}</style>
  <rect class="paper" width="${WIDTH}" height="${height}" rx="8"/>
  ${[...headOf(workload, scale), ...gridOf(scale, HEAD, y), ...body, ...ticksOf(scale, y + 20)].join("\n  ")}
</svg>
`;
}

function headOf(workload: Workload, scale: Scale): string[] {
  const [title, does] = TITLES[workload];
  const column = (x: number, over: string, under: string): string[] => [
    `<text class="soft number" x="${x}" y="${HEAD - 26}">${over}</text>`,
    `<text class="soft number" x="${x}" y="${HEAD - 10}">${under}</text>`,
  ];
  return [
    `<text class="title" x="${X.store}" y="36">${title}: CPU time added per request</text>`,
    `<text class="soft" x="${X.store}" y="60">${escapeXml(sentence(does))}.</text>`,
    `<text class="soft" x="${X.store}" y="80">Further left is better. All six plots have this scale, each step ten times the one before;</text>`,
    `<text class="soft" x="${X.store}" y="98">lines are the spread of the rounds, and less than ${scale.from} stands at ${scale.from}.</text>`,
    ...column(X.added, "added", "µs"),
    ...column(X.times, "to ours", "×"),
    ...column(X.share, "requests/s", "of bare"),
    ...ticksOf(scale, HEAD - 10),
  ];
}

function rowOf(cell: Cell, group: Group, scale: Scale, y: number): string {
  const mark = isOurs(cell) ? "ours " : "";
  const name = `<text class="${mark}name" x="${X.name}" y="${y + 4}">${escapeXml(cell.library)}</text>`;
  const spread = addedSpread(cell);
  if (isVoid(cell) || !spread)
    return `${name}<text class="soft" x="${X.plot}" y="${y + 4}">void: ${whole(cell.failures)} unexpected answers</text>`;
  const [low, added, high] = [spread.low, spread.added, spread.high].map((value) => place(scale, value));
  const [mine, its] = [group.ours && addedOf(group.ours), addedOf(cell)];
  const share = group.bare && cell.requestsPerSecond.median / group.bare.requestsPerSecond.median;
  return [
    name,
    line("lead", X.plot, y, added, y),
    line(`${mark}spread`, low, y, high, y),
    `<circle class="${mark}dot" cx="${added}" cy="${y}" r="${mark ? 6 : 5}"/>`,
    `<text class="${mark}number" x="${X.added}" y="${y + 4}">${escapeXml(micros(spread.added))}</text>`,
    mine && its ? `<text class="${mark}number" x="${X.times}" y="${y + 4}">${times(its / mine)}</text>` : "",
    share === undefined
      ? ""
      : `<text class="${mark}number" x="${X.share}" y="${y + 4}">${percent(share)}</text>`,
  ].join("");
}

function gridOf(scale: Scale, from: number, to: number): string[] {
  return scale.ticks.map((tick) => line("grid", place(scale, tick), from, place(scale, tick), to));
}

function ticksOf(scale: Scale, y: number): string[] {
  return scale.ticks.map((tick, index) => {
    const unit = index === 0 ? " µs" : "";
    return `<text class="soft tick" x="${place(scale, tick)}" y="${y}">${whole(tick)}${unit}</text>`;
  });
}

function place(scale: Scale, value: number): number {
  return Math.round((X.plot + scale.at(value) * (X.plotEnd - X.plot)) * 10) / 10;
}

function line(kind: string, x1: number | undefined, y1: number, x2: number | undefined, y2: number): string {
  return `<line class="${kind}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`;
}

/** The same figures for those who listen. */
function describe(groups: readonly Group[]): string {
  const groupTexts = groups.map(({ framework, store, cells }) => {
    const each = cells.map((cell) =>
      isVoid(cell) ? `${cell.library} void` : `${cell.library} ${micros(cell.addedMicros ?? 0)}`,
    );
    return `${framework}, ${store}: ${each.join(", ")}.`;
  });
  return `Microseconds of CPU time that each library adds to a request of the bare framework. ${groupTexts.join(" ")}`;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
