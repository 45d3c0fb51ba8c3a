// Runs the servers of the documentation, each in a process of its own, as a reader would.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { QUIET, type Workspace } from "./workspace.ts";

export interface RunningServer extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
  /** Resolves when it has printed that: its words and its answers come by different ways. */
  printed(wanted: string): Promise<void>;
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

/** Starts `node <file>` in the workspace on a port of its own, and waits until it takes connections. */
export async function startServer(
  workspace: Pick<Workspace, "folder">,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<RunningServer> {
  const port = env.PORT ?? String(await freePort());
  const child = spawn(process.execPath, [QUIET, file], {
    cwd: workspace.folder,
    env: { ...process.env, NODE_ENV: "", ...env, PORT: port },
  });
  let output = "";
  const lookers = new Set<() => void>();
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
    for (const look of lookers) look();
  };
  child.stdout.on("data", collect);
  child.stderr.on("data", collect);
  const url = `http://localhost:${port}`;
  await untilReachable(url, child, () => output);
  return {
    url,
    process: child,
    output: () => output,
    printed: (wanted) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (output.includes(wanted) && lookers.delete(look)) resolve();
        };
        lookers.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}

async function untilReachable(url: string, child: ChildProcess, output: () => string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(`The server ended with code ${child.exitCode}:\n${output()}`);
    try {
      await (await fetch(url, { redirect: "manual" })).body?.cancel();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20)); // a pause between looks, not a guess at how long
    }
  }
}
