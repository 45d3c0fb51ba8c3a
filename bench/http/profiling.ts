// Where the server's main thread spends its time, by the samples that V8 takes of it.
import { readdirSync, readFileSync } from "node:fs";
import type { Profiler } from "node:inspector";

const EVERY_MICROS = 200;

export interface Sampled {
  readonly nodes: readonly Profiler.ProfileNode[];
  readonly seconds: number;
  /** CPU time of the main thread and of those that keep it from its core: V8's, and the one that takes the samples. */
  readonly busySeconds: number;
}

/** Resolves when samples are taken; the result ends it. The inspector is loaded here, so no heap before has it. */
export async function startProfile(): Promise<() => Promise<Sampled>> {
  const { Session } = await import("node:inspector/promises");
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.setSamplingInterval", { interval: EVERY_MICROS });
  await session.post("Profiler.start");
  const [from, cpu] = [performance.now(), busyMicros()];
  return async () => {
    const busySeconds = (busyMicros() - cpu) / 1e6;
    const seconds = (performance.now() - from) / 1e3;
    const { profile } = await session.post("Profiler.stop");
    session.disconnect();
    return { nodes: profile.nodes, seconds, busySeconds };
  };
}

function busyMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system - filesMicros();
}

/** Of the threads that wait for files, and work while the main one has nothing to do. Known on Linux alone. */
function filesMicros(): number {
  const tasks = "/proc/self/task";
  if (process.platform !== "linux") return 0;
  const micros = readdirSync(tasks).map((thread) => {
    if (readFileSync(`${tasks}/${thread}/comm`, "utf8") !== "libuv-worker\n") return 0;
    const [nanos] = readFileSync(`${tasks}/${thread}/schedstat`, "utf8").split(" ");
    return Number(nanos) / 1e3;
  });
  return micros.reduce((sum, each) => sum + each, 0);
}
