// Processes of the benchmark's own, that answer questions over IPC, each on the core it is given.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";

const TASKSET = ["/usr/bin/taskset", "/bin/taskset"].find(canExecute);

/** Whether server and load get a core each: where there are two, and the means to say so. */
export const CAN_PIN: boolean = TASKSET !== undefined && availableParallelism() > 1;

/** The server has the first core to itself; load, stores' servers and the runner share the others. */
const SERVER_CORE = "0";
const OTHER_CORES = `1-${availableParallelism() - 1}`;

/** Moves this process, and what it starts from now on, off the core of the server. */
export async function leaveServerCore(): Promise<void> {
  if (!CAN_PIN || !TASKSET) return;
  const moving = spawn(TASKSET, ["-a", "-c", "-p", OTHER_CORES, String(process.pid)], { stdio: "ignore" });
  await once(moving, "exit");
}

export interface Child extends AsyncDisposable {
  /** What it says first, when it is ready. Rejects if it ends before. */
  readonly greeting: Promise<unknown>;
  /** Rejects if it fails, or ends, before it has answered. One question at a time. */
  ask(question: object): Promise<unknown>;
}

/** Starts a file of this folder. On the server's core, where that can be said. */
export function startServer(file: string, args: readonly string[], stop: AbortSignal): Child {
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", pathOf(file), ...args];
  return start(CAN_PIN && TASKSET ? [TASKSET, "-c", SERVER_CORE, ...command] : command, stop);
}

export function startLoad(file: string, args: readonly string[], stop: AbortSignal): Child {
  return start([process.execPath, pathOf(file), ...args], stop);
}

function start([program = "", ...args]: readonly string[], stop: AbortSignal): Child {
  const child = spawn(program, args, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: { ...process.env, NODE_ENV: "production" },
    signal: stop,
    killSignal: "SIGKILL",
  });
  child.on("error", () => {}); // it was stopped; whoever waits for an answer is told
  const said: string[] = [];
  child.stderr?.on("data", (piece) => said.push(String(piece)));
  const greeting = answerOf(child, said);
  greeting.catch(() => {}); // whoever waits for it is told
  return {
    greeting,
    async ask(question) {
      const answer = answerOf(child, said);
      child.send(question);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function answerOf(child: ChildProcess, said: readonly string[]): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      child.off("message", hear).off("exit", end).off("error", reject);
    };
    const hear = (message: unknown): void => {
      settle();
      if (isFailure(message)) reject(new Error(message.failed));
      else resolve(message);
    };
    const end = (): void => {
      settle();
      reject(new Error(`a process ended early:\n${said.join("")}`));
    };
    child.on("message", hear).on("exit", end).on("error", reject);
  });
}

function isFailure(message: unknown): message is { failed: string } {
  return typeof message === "object" && message !== null && "failed" in message;
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(file, import.meta.url));
}

function canExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
