// The demo application as a process of its own, on a free port and with a data folder that is thrown away.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const clock = new URL("clock.ts", import.meta.url).href;

export interface Demo {
  readonly url: string;
  readonly dataFolder: string;
  /** Ends it and answers what it printed since it was started. */
  stop(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): Promise<string>;
  /** Starts it again at the same address, on the same data. */
  start(): Promise<void>;
  /** Time passes for the server, not for the browser. */
  pass(ms: number): Promise<void>;
  dispose(): Promise<void>;
}

/** `env`: what is set beside port and data folder. */
export async function startDemo(env: Record<string, string> = {}): Promise<Demo> {
  const dataFolder = mkdtempSync(join(tmpdir(), "sojourn-demo-"));
  const forget = () => rmSync(dataFolder, { recursive: true, force: true });
  let running = await launch(dataFolder, "0", env).catch((error: unknown) => {
    forget();
    throw error;
  });
  const { url } = running;
  async function stop(signal: NodeJS.Signals): Promise<string> {
    const closed = once(running.process, "close");
    running.process.kill(signal);
    await closed;
    return running.output();
  }
  return {
    url,
    dataFolder,
    stop,
    async start() {
      running = await launch(dataFolder, new URL(url).port, env);
    },
    async pass(ms) {
      const moved = once(running.process, "message");
      running.process.send(ms);
      await moved;
    },
    async dispose() {
      if (running.process.exitCode === null && running.process.signalCode === null) await stop("SIGKILL");
      forget();
    },
  };
}

/** Runs it once, whatever becomes of it; for what it says when it cannot open. */
export async function runDemo(env: Record<string, string>): Promise<{ code: number | null; output: string }> {
  const dataFolder = mkdtempSync(join(tmpdir(), "sojourn-demo-"));
  const { child, output } = spawnDemo({ DATA_DIR: dataFolder, ...env });
  const [code]: (number | null)[] = await once(child, "close");
  rmSync(dataFolder, { recursive: true });
  return { code: code ?? null, output: output() };
}

interface Running {
  readonly process: ChildProcess;
  readonly url: string;
  readonly output: () => string;
}

async function launch(dataFolder: string, port: string, env: Record<string, string>): Promise<Running> {
  const { child, output } = spawnDemo({ ...env, PORT: port, DATA_DIR: dataFolder });
  const url = await new Promise<string>((opened, failed) => {
    child.once("exit", () => failed(new Error(`The demo did not open:\n${output()}`)));
    child.stdout?.on("data", () => {
      const address = / is open: (\S+)\n/.exec(output())?.[1];
      if (address !== undefined) opened(address);
    });
  });
  return { process: child, url, output };
}

function spawnDemo(env: Record<string, string>): { child: ChildProcess; output: () => string } {
  let text = "";
  const inherited = { ...process.env };
  for (const name of ["HOST", "IDLE_MINUTES", "ORIGIN", "NODE_ENV", "STORE"]) delete inherited[name];
  const child = spawn(process.execPath, ["--import", clock, "examples/demo/server.ts"], {
    cwd: root,
    env: { ...inherited, ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on("data", (chunk) => {
      text += chunk;
    });
  }
  return { child, output: () => text };
}
