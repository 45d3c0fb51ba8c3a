/** What single calls cost in stores of different size, side by side: all are open, and take turns. */
import { randomBytes } from "node:crypto";
import { SWEEP_SLICE } from "../../src/core/sweeper.ts";
import { newVersion } from "../../src/core/token.ts";
import { median, quantile } from "../shared/statistics.ts";
import { type Fleet, IDLE_MS } from "./fleet.ts";
import type { Site } from "./place.ts";

export const OPERATIONS = [
  "raw load",
  "load",
  "save",
  "touch",
  "list",
  "login",
  "logout",
  "revoke-all",
  "sweep",
] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface Cost {
  readonly operation: Operation;
  readonly sessions: number;
  /** Microseconds. */
  readonly median: number;
  readonly p95: number;
  readonly calls: number;
}

export interface Filled {
  readonly site: Site;
  readonly fleet: Fleet;
}

type Raw = ReturnType<NonNullable<Site["raw"]>>;

const WARM_UP = 3;
/** Calls of a kind in one turn, before another size has its turn. */
const BURST = 25;

export async function measureCosts(
  sizes: readonly Filled[],
  calls: number,
  onProgress: (done: number, all: number) => void,
): Promise<readonly Cost[]> {
  const rounds = Math.ceil(calls / BURST);
  const raws = sizes.map(({ site, fleet }) => site.raw?.(fleet));
  const samples = sizes.map(() => new Map<Operation, number[]>(OPERATIONS.map((name) => [name, []])));
  for (let round = -WARM_UP; round < rounds; round++) {
    for (let turn = 0; turn < sizes.length; turn++) {
      const at = (turn + Math.max(round, 0)) % sizes.length;
      const filled = sizes[at];
      const tell: Tell = (name, micros) => round >= 0 && samples[at]?.get(name)?.push(micros);
      if (filled) await burst(filled, raws[at], tell);
    }
    onProgress(Math.max(round, 0) + 1, rounds);
  }
  return sizes.flatMap(({ fleet }, at) =>
    [...(samples[at] ?? [])]
      .filter(([, micros]) => micros.length > 0)
      .map(([operation, micros]) => ({
        operation,
        sessions: fleet.size,
        median: median(micros),
        p95: quantile(micros, 0.95),
        calls: micros.length,
      })),
  );
}

type Tell = (operation: Operation, micros: number) => unknown;

/** Each operation in turn, on sessions and users drawn at random. */
async function burst({ site, fleet }: Filled, raw: Raw | undefined, tell: Tell): Promise<void> {
  const { store } = site;
  const indexed = Math.min(site.indexedUpTo ?? fleet.size, fleet.size);
  const call = { now: Date.now() };
  const timed = async <T>(operation: Operation, act: () => Promise<T>): Promise<T> => {
    const started = performance.now();
    const result = await act();
    tell(operation, (performance.now() - started) * 1000);
    return result;
  };
  const loginAt = async (place: number): Promise<void> => {
    const record = fleet.renewed(place);
    const since = { startedAt: call.now + 1 }; // after the mark of this very instant
    await timed("login", () => store.create(record, { ...call, since }));
  };

  for (let time = 0; raw && time < BURST; time++) {
    const { id } = fleet.record(fleet.any());
    await timed("raw load", async () => raw(id));
  }
  for (let time = 0; time < BURST; time++) {
    const { id } = fleet.record(fleet.any());
    const found = await timed("load", () => store.load(id, call));
    if (!found || "ended" in found) throw new Error("A session that is there was not found.");
  }
  for (let time = 0; time < BURST; time++) {
    const place = fleet.any();
    const record = fleet.record(place);
    const version = newVersion(randomBytes);
    const result = await timed("save", () => store.save({ ...record, version }, record.version, call));
    if (result !== "saved") throw new Error("A session is not as it was left.");
    fleet.saved(place, version);
  }
  for (let time = 0; time < BURST; time++) {
    const { id } = fleet.record(fleet.any());
    await timed("touch", () => store.touch(id, call.now + IDLE_MS, call));
  }
  for (let time = 0; time < BURST; time++) {
    const userId = fleet.record(fleet.any(indexed)).userId ?? "";
    const { sessions } = await timed("list", () => store.listByUser(userId, { ...call, limit: 100 }));
    if (sessions.length === 0) throw new Error("Sessions that are there were not listed.");
  }
  for (let time = 0; time < BURST; time++) {
    const place = fleet.any(indexed);
    const { id } = fleet.record(place);
    await timed("logout", () => store.delete(id, "logged-out", call));
    await loginAt(place);
  }
  for (let time = 0; time < BURST; time++) {
    const place = fleet.any(indexed);
    const userId = fleet.record(place).userId ?? "";
    await timed("revoke-all", () => store.deleteByUser(userId, call));
    for (const other of fleet.placesOfUser(place)) await loginAt(other);
  }
  if (store.guarantees.expiry === "native") return;
  for (let time = 0; time < BURST; time++)
    await timed("sweep", () => store.sweep({ ...call, limit: SWEEP_SLICE }));
}
