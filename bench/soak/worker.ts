// One store under traffic for a while, in a process of its own. Started by bench/soak.ts with what to do as JSON; sends a
// sample of its memory every few seconds and, at last, all of them.
import { setTimeout as delay } from "node:timers/promises";
import { createSessions } from "../../src/create-sessions.ts";
import { TEST_ORIGIN } from "../../src/testing/browser.ts";
import { PLACES, type StoreName } from "../scale/places.ts";
import { endedBySignals, work } from "../scale/working.ts";
import { liveBytes } from "../shared/garbage.ts";
import { trafficOn } from "./traffic.ts";
import type { Sample } from "./trend.ts";

export interface Task {
  readonly store: StoreName;
  readonly seconds: number;
}

export interface Soaked {
  readonly title: string;
  readonly version: string;
  readonly samples: readonly SoakSample[];
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly unexpected: number;
}

export interface SoakSample extends Sample {
  readonly rss: number;
  /** What keeps the process alive: sockets, timers and the like, without the pipe to its parent. */
  readonly handles: number;
  readonly requests: number;
  /** What the store takes, wherever it is. */
  readonly storeBytes: number;
}

export type Message =
  | { readonly sample: SoakSample }
  | { readonly soaked: Soaked }
  | { readonly missing: string };

/** How many at a time. */
const PARALLEL = 8;
const STEPS_TO_A_TURN = 10;
const SAMPLES = 60;
/** Time runs so much faster than it does: of ten minutes become twenty hours, in which every lifetime comes to its end. */
const SPEED = 120;
/** A minute of that time, which is about how often a manager sweeps by itself. */
const SWEEP_MS = 60_000 / SPEED;

const task = JSON.parse(process.argv[2] ?? "") as Task;
const opened = endedBySignals();
await work(opened, async () => ({ soaked: await soak() }), tell);

async function soak(): Promise<Soaked> {
  const place = opened.use(await PLACES[task.store].open());
  const site = opened.use(await place.make());
  const started = performance.now();
  const begin = Date.now();
  const sessions = createSessions<Record<string, unknown>>({
    store: site.store,
    origin: TEST_ORIGIN,
    mode: "production",
    accept: ["durable", "hsts", "clock"],
    clock: () => begin + (performance.now() - started) * SPEED,
    anonymous: { idleTimeout: "30m", absoluteTimeout: "2h" },
    absoluteTimeout: "2h",
    storeTimeout: "10s",
  });
  const traffic = trafficOn(sessions);
  const samples: SoakSample[] = [];
  let requests = 0;
  let isOver = false;

  async function visit(): Promise<void> {
    while (!isOver) {
      for (let step = 0; step < STEPS_TO_A_TURN; step++) await traffic.step();
      requests += STEPS_TO_A_TURN;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  async function sweep(): Promise<void> {
    while (!isOver) {
      await delay(SWEEP_MS);
      await sessions.sweep();
    }
  }
  const working = Promise.all([...Array.from({ length: PARALLEL }, visit), sweep()]);
  working.catch(() => {}); // thrown below
  for (let count = 1; count <= SAMPLES; count++) {
    await Promise.race([delay((task.seconds / SAMPLES) * 1000), working]);
    const bytes = liveBytes();
    const sample = {
      seconds: (performance.now() - started) / 1000,
      bytes,
      rss: process.memoryUsage.rss(),
      handles: process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap").length,
      requests,
      storeBytes: task.store === "memory" ? bytes : await site.bytes(),
    };
    samples.push(sample);
    tell({ sample });
  }
  isOver = true;
  await working;
  const { title, version } = place;
  const answers = Object.fromEntries(traffic.answers);
  return { title, version, samples, requests, answers, unexpected: traffic.unexpected };
}

function tell(message: Message): void {
  process.send?.(message);
}
