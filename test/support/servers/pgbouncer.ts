/** PgBouncer in transaction mode in front of a PostgreSQL server, on a free port, ended with the suite. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { executable, type Probe } from "../requires.ts";
import { freePort } from "./free-port.ts";

export function findPgBouncer(): Probe<string> {
  return executable("/usr/sbin/pgbouncer", "/usr/local/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer");
}

export interface PgBouncer extends AsyncDisposable {
  /** The same database as the server's own URL, by way of the pooler. */
  readonly url: string;
}

/** It does not run as root, and root may say as whom it does. */
const AS_NOBODY: readonly string[] = process.getuid?.() === 0 ? ["-u", "nobody"] : [];

/** `serverConnections`: how many it has to the server, shared by all of its clients. */
export async function startPgBouncer(
  program: string,
  server: string,
  serverConnections: number,
): Promise<PgBouncer> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-pgbouncer-"));
  const { hostname, port, username, password, pathname } = new URL(server);
  const ownPort = await freePort();
  const user = decodeURIComponent(username);
  const secret = password === "" ? "" : ` password='${decodeURIComponent(password)}'`;
  const settings = join(folder, "pgbouncer.ini");
  writeFileSync(
    settings,
    `[databases]
* = host=${hostname} port=${port || 5432} user=${user}${secret}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${ownPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${serverConnections}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
${canFollowStatements(program) ? "max_prepared_statements = 0" : ""}
`,
  );
  chmodSync(folder, 0o755);
  const child = spawn(program, [...AS_NOBODY, settings], { stdio: ["ignore", "ignore", "pipe"] });
  await isUp(child);
  return {
    url: `postgres://${username}@127.0.0.1:${ownPort}${pathname}`,
    async [Symbol.asyncDispose]() {
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}

/** From 1.21 on it may follow named statements, which is turned off here: older ones are what the tests are about. */
function canFollowStatements(program: string): boolean {
  const [, major = 0, minor = 0] =
    /PgBouncer (\d+)\.(\d+)/.exec(execFileSync(program, ["--version"], { encoding: "utf8" })) ?? [];
  return Number(major) > 1 || Number(minor) >= 21;
}

async function isUp({ stderr }: ChildProcess): Promise<void> {
  if (!stderr) throw new Error("pgbouncer has no output");
  const said: string[] = [];
  for await (const line of createInterface(stderr)) {
    said.push(line);
    if (!line.includes("process up")) continue;
    stderr.resume();
    return;
  }
  throw new Error(`pgbouncer did not start:\n${said.join("\n")}`);
}
