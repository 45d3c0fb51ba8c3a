// One cell while it is there: a server and a load, in processes of their own, from their start to their end.
import { nameOf, type Plan } from "./cells.ts";
import { type Child, startLoad, startServer } from "./children.ts";
import type { LoadAnswer, LoadQuestion, SignedIn } from "./load.ts";
import { sharesOf } from "./profile/attribution.ts";
import type { ByPart } from "./profile/parts.ts";
import type { Sampled } from "./profiling.ts";
import { WORKLOADS } from "./results.ts";
import type { ServerCpu, ServerGreeting, ServerHeap, ServerQuestion } from "./serve.ts";
import type { Site } from "./sites/site.ts";
import { warmUntilSteady } from "./warming.ts";

export interface Pace {
  readonly rounds: number;
  /** Of each round. */
  readonly seconds: number;
  /** Requests before the first round, at most: it may be warm sooner. */
  readonly warmUp: number;
  /** Ends everything early, with an error. */
  readonly stop: AbortSignal;
}

/** What does not change from round to round. */
export interface Census {
  readonly storeCommands: number | null;
  readonly heapBytes: number;
  readonly failures: number;
}

export interface Round {
  readonly requestsPerSecond: number;
  readonly cpuMicros: number;
  /** Of the CPU time, what the main thread took. */
  readonly mainShare: number;
  readonly p50Millis: number;
  readonly p99Millis: number;
  readonly failures: number;
  /** Of the server's core. */
  readonly busy: number;
}

export interface RunningCell extends AsyncDisposable {
  readonly plan: Plan;
  readonly census: Census;
  round(): Promise<Round>;
  /** One round more, of which samples are taken. `null` where an answer failed. */
  profile(): Promise<ByPart | null>;
}

/** Sessions alive while it is measured, each in turn. Fewer where logins take longer than that many seconds. */
const SESSIONS = 1_000;
const LOGIN_SECONDS = 1;
const SESSIONS_OF_A_SLICE = 10_000;
/** Neither counted nor timed, so that statements are prepared and scripts are known. */
const SETTLING = 100;
const COUNTED = 200;
const COUNTING_SECONDS = 5;
/** For the rounds and the profile to log out, at most: as many as are made in as long as those take. */
const LOGOUTS = 30_000;
/** As long as that many rounds, so that there are some thousand samples. */
const ROUNDS_IN_PROFILE = 4;
const EVER = 1e9;

export interface Place {
  readonly site: Site;
  /** Which place of the site is its own. */
  readonly turn: number;
  /** Whether the load never sleeps. */
  readonly isAwake: boolean;
}

/** Starts a cell, checks and counts what it does, and warms it up. */
export async function startCell(
  plan: Plan,
  { site, turn, isAwake }: Place,
  pace: Pace,
): Promise<RunningCell> {
  const children: Child[] = [];
  const end = async (): Promise<void> => {
    for (const child of children) await child[Symbol.asyncDispose]();
  };
  try {
    const address = await site.fresh(turn);
    const server = startServer("serve.ts", [plan.file, plan.store ?? "-", address], pace.stop);
    children.push(server);
    const { port } = (await server.greeting) as ServerGreeting;
    const load = startLoad("load.ts", [String(port), isAwake ? "awake" : "-"], pace.stop);
    children.push(load);
    await load.greeting;
    return await readyCell(plan, { site, pace, server, load, end });
  } catch (error) {
    await end();
    throw new Error(`${nameOf(plan)} could not be measured`, { cause: error });
  }
}

interface Parts {
  readonly site: Site;
  readonly pace: Pace;
  readonly server: Child;
  readonly load: Child;
  readonly end: () => Promise<void>;
}

async function readyCell(plan: Plan, { site, pace, server, load, end }: Parts): Promise<RunningCell> {
  const { store, workload, subject } = plan;
  const { seconds, warmUp, rounds } = pace;
  const askServer = (question: ServerQuestion): Promise<unknown> => server.ask(question);
  const askLoad = (question: LoadQuestion): Promise<unknown> => load.ask(question);
  const run = (most: number, runSeconds: number): Promise<LoadAnswer> =>
    askLoad({ asks: "run", workload, most, seconds: runSeconds }) as Promise<LoadAnswer>;
  const cpu = (): Promise<ServerCpu> => askServer({ asks: "cpu" }) as Promise<ServerCpu>;
  /** Resolves to how many sessions there are then. */
  const signIn = async (most: number, within: number): Promise<number> => {
    const { sessions } = (await askLoad({ asks: "sessions", most, seconds: within })) as SignedIn;
    return sessions;
  };

  if (store !== null) await askLoad({ asks: "check", workloads: subject.workloads ?? WORKLOADS });
  if (store !== null && workload !== "anonymous") await signIn(SESSIONS, LOGIN_SECONDS);
  const settled = await run(SETTLING, COUNTING_SECONDS);
  const { commands, result: counted } = await site.count(() => run(COUNTED, COUNTING_SECONDS));
  const { bytes } = (await askServer({ asks: "heap" })) as ServerHeap;
  const takesSessions = workload === "logout" && store !== null;
  const warmedFailures = await warmUntilSteady(warmUp, {
    prepare: async (most) => {
      if (takesSessions) await signIn(Math.min(most, SESSIONS_OF_A_SLICE), LOGIN_SECONDS);
    },
    run,
    cpu,
  });
  const shares = rounds + ROUNDS_IN_PROFILE;
  const perRound = takesSessions ? Math.floor((await signIn(LOGOUTS, shares * seconds)) / shares) : EVER;
  return {
    plan,
    census: {
      storeCommands: commands === null ? null : commands / counted.answered,
      heapBytes: bytes,
      failures: settled.failures + counted.failures + warmedFailures,
    },
    async round() {
      const before = await cpu();
      const answer = await run(perRound, seconds);
      const after = await cpu();
      if (answer.answered === 0) throw new Error(`${nameOf(plan)}: nothing was answered`);
      return roundOf(answer, { before, after });
    },
    async profile() {
      await askServer({ asks: "startProfile" });
      const { answered, failures } = await run(perRound * ROUNDS_IN_PROFILE, seconds * ROUNDS_IN_PROFILE);
      const sampled = (await askServer({ asks: "profile" })) as Sampled;
      return answered === 0 || failures > 0 ? null : sharesOf(sampled);
    },
    [Symbol.asyncDispose]: end,
  };
}

function roundOf(
  { answered, seconds, ...answer }: LoadAnswer,
  { before, after }: { readonly before: ServerCpu; readonly after: ServerCpu },
): Round {
  const micros = after.micros - before.micros;
  return {
    requestsPerSecond: answered / seconds,
    cpuMicros: micros / answered,
    mainShare: (after.mainMicros - before.mainMicros) / micros,
    p50Millis: answer.p50Millis,
    p99Millis: answer.p99Millis,
    failures: answer.failures,
    busy: micros / 1e6 / seconds,
  };
}
