// One round of one cell, in processes that are fresh.
import { nameOf, type Plan } from "./cells.ts";
import { startLoad, startServer } from "./children.ts";
import type { LoadAnswer, LoadQuestion } from "./load.ts";
import { WORKLOADS } from "./results.ts";
import type { ServerCpu, ServerGreeting, ServerHeap, ServerQuestion } from "./serve.ts";
import type { Site } from "./sites/site.ts";

export interface Round {
  readonly requestsPerSecond: number;
  readonly cpuMicros: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly storeCommands: number | null;
  readonly heapBytes: number;
  readonly failures: number;
  /** Of the server's core. */
  readonly busy: number;
}

/** Sessions alive while it is measured, each in turn. Fewer where the logins take longer than that many seconds. */
const SESSIONS = 1_000;
const LOGIN_SECONDS = 1;
/** Without counting or timing, so that statements are prepared and scripts are known. */
const SETTLING = 100;
const COUNTED = 200;
/** By then what runs often is compiled. */
const WARM_UP = 10_000;
const WARM_UP_TIME = 1.5;
const MOST_LOGOUTS = 50_000;
const WARM_UP_LOGOUTS = 0.3;

export interface Pace {
  readonly seconds: number;
  /** Ends it early, with an error. */
  readonly stop: AbortSignal;
}

export async function measure(plan: Plan, site: Site, { seconds, stop }: Pace): Promise<Round> {
  const { file, subject, store, workload } = plan;
  const server = startServer("serve.ts", [file, store ?? "-", await site.fresh()], stop);
  try {
    const { port } = (await server.greeting) as ServerGreeting;
    const load = startLoad("load.ts", [String(port)], stop);
    try {
      await load.greeting;
      const askServer = (question: ServerQuestion): Promise<unknown> => server.ask(question);
      const askLoad = (question: LoadQuestion): Promise<unknown> => load.ask(question);
      const run = (most: number, runSeconds: number): Promise<LoadAnswer> =>
        askLoad({ asks: "run", workload, most, seconds: runSeconds }) as Promise<LoadAnswer>;

      if (store !== null) {
        const { workloads = WORKLOADS } = subject;
        await askLoad({ asks: "check", workloads });
        if (workload !== "anonymous") {
          await askLoad({ asks: "sessions", most: SESSIONS, seconds: LOGIN_SECONDS });
        }
      }
      const settled = await run(SETTLING, seconds);
      let counted: LoadAnswer | undefined;
      const commands = await site.count(async () => {
        counted = await run(COUNTED, seconds);
      });
      const { bytes } = (await askServer({ asks: "heap" })) as ServerHeap;
      let warmUp = WARM_UP;
      if (workload === "logout" && store !== null) {
        const made = (await askLoad({ asks: "sessions", most: MOST_LOGOUTS, seconds })) as {
          sessions: number;
        };
        warmUp = Math.ceil(made.sessions * WARM_UP_LOGOUTS);
      }
      const warmed = await run(warmUp, seconds * WARM_UP_TIME);
      const before = (await askServer({ asks: "cpu" })) as ServerCpu;
      const measured = await run(Number.MAX_SAFE_INTEGER, seconds);
      const after = (await askServer({ asks: "cpu" })) as ServerCpu;
      const micros = after.micros - before.micros;
      if (measured.answered === 0) throw new Error("nothing was answered");
      return {
        requestsPerSecond: measured.answered / measured.seconds,
        cpuMicros: micros / measured.answered,
        p50Millis: measured.p50Millis,
        p99Millis: measured.p99Millis,
        storeCommands: commands === null || !counted?.answered ? null : commands / counted.answered,
        heapBytes: bytes,
        failures: [settled, counted, warmed, measured].reduce((sum, each) => sum + (each?.failures ?? 0), 0),
        busy: micros / 1e6 / measured.seconds,
      };
    } finally {
      await load[Symbol.asyncDispose]();
    }
  } catch (error) {
    throw new Error(`${nameOf(plan)} could not be measured`, { cause: error });
  } finally {
    await server[Symbol.asyncDispose]();
  }
}
