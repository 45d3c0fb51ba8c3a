/** The results as tables, each figure beside its budget. */
import { table, whole } from "../report/text.ts";
import { OPERATIONS, type Operation } from "./cost.ts";
import type { ScaleResults, StoreResults } from "./results.ts";

/** Of a median from the smallest to the largest size. */
const FLAT = 1.3;
const SLICE_BUDGET_MS = 5;

export function scaleText({ stores, missing }: ScaleResults): string {
  return [
    "### Cost of single calls",
    "Microseconds, median and 95th of a hundred, on sessions and users drawn at random; all sizes are open at a time and " +
      `take turns. The last column is the largest by the smallest; the budget is ${FLAT}.`,
    ...stores.filter(({ costs }) => costs.length > 0).map(costTable),
    "### Bytes",
    "What a session takes beside its 480 bytes of data, and how long it took to fill the store.",
    bytesTable(stores),
    "### A user with very many sessions",
    "Of single calls, microseconds. `Pages` lists all of them, a hundred at a time; `a limit` is the first login after " +
      "`sessionsPerUser` was set to five; `revoke-all` ends all. Beside these, how long others waited for a read, and the " +
      "longest the event loop of the process was held, both in milliseconds.",
    crowdTable(stores),
    "### Sweeping",
    "Nearly all sessions have expired and are ended in slices, as a manager does it, while live ones are read. " +
      "Milliseconds.",
    sweepTable(stores),
    ...(missing.length > 0 ? ["Not measured:", missing.map((text) => `- ${text}`).join("\n")] : []),
  ].join("\n\n");
}

function costTable({ title, version, sizes, costs }: StoreResults): string {
  const columns = [`${title} (${version})`, ...sizes.map(({ sessions }) => `>${whole(sessions)}`), ">Grows"];
  const rows = OPERATIONS.filter((name) => costs.some(({ operation }) => operation === name)).map((name) => {
    const of = sizes.map(({ sessions }) =>
      costs.find((cost) => cost.operation === name && cost.sessions === sessions),
    );
    const cells = of.map((cost) => (cost ? `${digits(cost.median)} / ${digits(cost.p95)}` : ""));
    return [spellOperation(name), ...cells, growth(of[0]?.median, of.at(-1)?.median)];
  });
  return table(columns, rows);
}

function growth(smallest = Number.NaN, largest = Number.NaN): string {
  const ratio = largest / smallest;
  return ratio > FLAT ? `**${ratio.toFixed(2)}**` : ratio.toFixed(2);
}

function bytesTable(stores: readonly StoreResults[]): string {
  return table(
    ["Store", ">Sessions", ">Bytes beside the data", ">Seconds to fill"],
    stores.flatMap(({ title, sizes }) =>
      sizes.map(({ sessions, bytesBeside, secondsToFill }) => [
        title,
        whole(sessions),
        bytesBeside.toFixed(0),
        secondsToFill.toFixed(1),
      ]),
    ),
  );
}

function crowdTable(stores: readonly StoreResults[]): string {
  return table(
    [
      "Store",
      "Sessions",
      "Login: first / last / others'",
      "Page: theirs / others'",
      "Pages: seconds, read p99, loop",
      "A limit: seconds, read p99, loop",
      "Login under it",
      "Revoke-all: seconds, read p99, loop",
    ],
    stores.flatMap(({ title, crowd }) => {
      if (!crowd) return [];
      const heavy = ({ seconds, readP99, loopMax }: typeof crowd.listing): string =>
        `${seconds.toFixed(2)}, ${digits(readP99)}, ${digits(loopMax)}`;
      return [
        [
          title,
          whole(crowd.sessions),
          [crowd.firstLogins, crowd.lastLogins, crowd.otherLogins].map(digits).join(" / "),
          [crowd.page, crowd.otherPage].map(digits).join(" / "),
          heavy(crowd.listing),
          heavy(crowd.limiting),
          digits(crowd.limited),
          heavy(crowd.revoking),
        ],
      ];
    }),
  );
}

function sweepTable(stores: readonly StoreResults[]): string {
  return table(
    [
      "Store",
      "Ended of expired",
      "A second",
      "Slice: p50 / p95 / most",
      "Budget",
      "Read p50 / p99 before",
      "meanwhile",
      "Loop p99 / most before",
      "meanwhile",
    ],
    stores.flatMap(({ title, sweep }) => {
      if (!sweep) return [];
      const { still, sweeping } = sweep;
      return [
        [
          title,
          `${whole(sweep.ended)} of ${whole(sweep.expired)}`,
          whole(sweep.ended / sweeping.seconds),
          [sweep.sliceP50, sweep.sliceP95, sweep.sliceMax].map(digits).join(" / "),
          `p95 ${SLICE_BUDGET_MS}: ${sweep.sliceP95 <= SLICE_BUDGET_MS ? "met" : "**not met**"}`,
          `${digits(still.readP50)} / ${digits(still.readP99)}`,
          `${digits(sweeping.readP50)} / ${digits(sweeping.readP99)}`,
          `${digits(still.loopP99)} / ${digits(still.loopMax)}`,
          `${digits(sweeping.loopP99)} / ${digits(sweeping.loopMax)}`,
        ],
      ];
    }),
  );
}

function spellOperation(operation: Operation): string {
  if (operation === "raw load") return "no store: a copy out of a Map";
  return operation === "sweep" ? "sweep, nothing due" : operation;
}

function digits(value: number): string {
  return value.toFixed(value < 1 ? 3 : value < 100 ? 1 : 0);
}
