/** A MariaDB server for one suite: on a free port of this machine, in a folder of its own, ended with the suite. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { createConnection } from "mysql2/promise";
import { executable, type Probe } from "../requires.ts";
import { freePort } from "./free-port.ts";
import type { OwnServer } from "./own-server.ts";

export interface MariaDbPrograms {
  readonly server: string;
  readonly installer: string;
}

export function findMariaDb(): Probe<MariaDbPrograms> {
  const server = executable("/usr/sbin/mariadbd", "/usr/local/bin/mariadbd", "/opt/homebrew/bin/mariadbd");
  if (!("found" in server)) return server;
  const installer = executable(
    "/usr/bin/mariadb-install-db",
    "/usr/local/bin/mariadb-install-db",
    "/opt/homebrew/bin/mariadb-install-db",
  );
  return "found" in installer ? { found: { server: server.found, installer: installer.found } } : installer;
}

export interface MariaDbServer extends OwnServer {
  /** For `root`, who has no password, without a database. */
  readonly url: string;
  /** Where its files are. */
  readonly folder: string;
}

/** Only root may, and has to, say as whom the programs run. */
const AS_ROOT: readonly string[] = process.getuid?.() === 0 ? ["--user=root"] : [];

/** `settings` such as `--innodb-flush-log-at-trx-commit=0`, where what is kept need not survive a crash. */
export async function startMariaDb(
  programs: MariaDbPrograms,
  ...settings: readonly string[]
): Promise<MariaDbServer> {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-mariadb-"));
  const data = join(folder, "data");
  const port = await freePort();
  await promisify(execFile)(programs.installer, [
    "--no-defaults",
    `--datadir=${data}`,
    `--tmpdir=${folder}`, // a server that starts clears away the temporary tables of all that share one
    "--auth-root-authentication-method=normal",
    "--innodb-log-file-size=16M",
    "--skip-test-db",
    ...AS_ROOT,
  ]);
  const log = join(folder, "log");
  const args = [
    "--no-defaults",
    `--datadir=${data}`,
    `--tmpdir=${folder}`,
    `--socket=${join(folder, "socket")}`,
    `--pid-file=${join(folder, "pid")}`,
    `--log-error=${log}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    "--innodb-log-file-size=16M",
    "--innodb-buffer-pool-size=64M",
    ...AS_ROOT,
    ...settings,
  ];
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn(programs.server, args, { stdio: "ignore" });
    await answers(port, child, log);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  };
  await start();
  return {
    port,
    url: `mysql://root@127.0.0.1:${port}`,
    folder: data,
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number, child: ChildProcess, log: string): Promise<void> {
  for (;;) {
    if (child.exitCode !== null) throw new Error(`mariadbd did not start:\n${readFileSync(log, "utf8")}`);
    try {
      const connection = await createConnection({ host: "127.0.0.1", port, user: "root" });
      return await connection.end();
    } catch {
      await delay(20);
    }
  }
}
