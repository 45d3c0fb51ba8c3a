/** A PostgreSQL server for one suite: on a free port of this machine, in a folder of its own, ended with the suite. */
import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { executable, type Probe } from "../requires.ts";
import { freePort } from "./free-port.ts";
import type { OwnServer } from "./own-server.ts";
import { until } from "./wire.ts";

export interface PostgresPrograms {
  readonly server: string;
  readonly initializer: string;
  /** What goes in front, since they refuse to run as root. */
  readonly as: readonly string[];
}

const DEBIAN = "/usr/lib/postgresql";

export function findPostgresServer(): Probe<PostgresPrograms> {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(DEBIAN, version, "bin")),
    "/usr/local/bin",
    "/opt/homebrew/bin",
  ];
  const server = executable(...folders.map((folder) => join(folder, "postgres")));
  if ("missing" in server) return server;
  const initializer = executable(...folders.map((folder) => join(folder, "initdb")));
  if ("missing" in initializer) return initializer;
  const programs = { server: server.found, initializer: initializer.found };
  if (process.getuid?.() !== 0) return { found: { ...programs, as: [] } };
  const setpriv = executable("/usr/bin/setpriv");
  if ("missing" in setpriv) return setpriv;
  const as = [setpriv.found, "--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env"];
  return { found: { ...programs, as } };
}

export interface PostgresServer extends OwnServer {
  /** For the superuser `postgres`, who has no password. */
  readonly url: string;
  /** Where its files are. */
  readonly folder: string;
  /** Runs SQL as the superuser. */
  run(sql: string): Promise<readonly unknown[][]>;
}

/** Whoever is not the superuser has to show a password. */
const ACCESS = "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";

/** `settings` such as `fsync=off`, where what is kept need not survive a crash. */
export async function startPostgres(
  programs: PostgresPrograms,
  ...settings: readonly string[]
): Promise<PostgresServer> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-postgres-"));
  const data = join(folder, "data");
  const port = await freePort();
  const begin = (program: string, args: readonly string[]): [string, readonly string[]] => {
    const [first = program, ...rest] = [...programs.as, program, ...args];
    return [first, rest];
  };
  if (programs.as.length > 0) execFileSync("chown", ["postgres", folder]);
  const making = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
  await promisify(execFile)(...begin(programs.initializer, making));
  writeFileSync(join(data, "pg_hba.conf"), ACCESS);
  chmodSync(folder, 0o755);
  const all = ["listen_addresses=127.0.0.1", "max_wal_size=64MB", "autovacuum=off", ...settings];
  const args = ["-D", data, "-p", String(port), "-k", folder, ...all.flatMap((one) => ["-c", one])];
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  let child: ChildProcess;
  /** The process that was started, and those it made: one for each connection, and some more. */
  const processes = (): readonly number[] => {
    const listed = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
    const pairs = listed.map((line) => line.trim().split(/\s+/).map(Number));
    return [child.pid ?? 0, ...pairs.filter(([, parent]) => parent === child.pid).map(([pid = 0]) => pid)];
  };
  const signal = (pids: readonly number[], name: NodeJS.Signals): void => {
    for (const pid of pids) {
      try {
        process.kill(pid, name);
      } catch {
        // it ended meanwhile
      }
    }
  };
  const run = async (sql: string): Promise<readonly unknown[][]> => {
    const client = new Client({ connectionString: url });
    client.on("error", () => {});
    await client.connect();
    try {
      return (await client.query<unknown[]>({ text: sql, rowMode: "array" })).rows;
    } finally {
      await client.end();
    }
  };
  const start = async (): Promise<void> => {
    child = spawn(...begin(programs.server, args), { stdio: ["ignore", "ignore", "pipe"] });
    const said: string[] = [];
    child.stderr?.on("data", (piece) => said.push(String(piece)));
    await until(async () => {
      if (child.exitCode !== null) return true;
      await run("SELECT 1");
      return true;
    });
    if (child.exitCode !== null) throw new Error(`postgres did not start:\n${said.join("")}`);
  };
  const end = async (pids: readonly number[], name: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    signal(pids, name);
    await exited;
  };
  await start();
  return {
    port,
    url,
    folder: data,
    run,
    start,
    freeze() {
      signal([child.pid ?? 0], "SIGSTOP"); // so that it makes no more while they are counted
      signal(processes(), "SIGSTOP");
    },
    thaw: () => signal(processes(), "SIGCONT"),
    async kill() {
      signal([child.pid ?? 0], "SIGSTOP");
      await end(processes(), "SIGKILL");
    },
    async [Symbol.asyncDispose]() {
      await end([child.pid ?? 0], "SIGQUIT"); // at once, but it gives its shared memory back
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
