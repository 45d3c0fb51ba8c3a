// Makes a fresh clone ready: installs the development dependencies when they are missing or out of date,
// then makes sure that npm scripts run on a Node that can run them. `--build` also builds dist/.
// Runs on any Node from 20 on and before anything is installed, so it imports nothing but Node itself.
import { spawn, spawnSync } from "node:child_process";
import {
  linkSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const modules = join(root, "node_modules");
const bin = join(modules, ".bin");
const lockFile = join(root, ".setup-lock");
const HEARTBEAT_MS = 2_000;
const ABANDONED_AFTER_MS = 20_000;
const LEAST_NODE = [22, 18];

if (!isInstalled()) {
  await withLock(async () => {
    if (!isInstalled()) await install();
  });
}
guardNode();
if (process.argv.includes("--build")) {
  const built = spawnSync("node", [join(root, "scripts/build.mjs")], {
    stdio: "inherit",
    env: scriptEnvironment(),
  });
  if (built.status !== 0) process.exit(built.status ?? 1);
}

/** npm writes node_modules/.package-lock.json last, so it tells what a completed install has put there. */
function isInstalled() {
  const wanted = readPackages(join(root, "package-lock.json"));
  const present = readPackages(join(modules, ".package-lock.json"));
  if (wanted === null) fail("package-lock.json is missing or unreadable. Restore it from git and try again.");
  if (present === null) return false;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "" || entry.optional) continue; // optional entries are for other platforms
    if (present[path]?.version !== entry.version) return false;
  }
  return true;
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return null;
  }
}

async function install() {
  say("The development dependencies are missing or out of date. Running `npm ci` (about half a minute) ...");
  // npm must not run on the very Node it is about to delete, so node_modules/.bin leaves its PATH.
  const path = searchPath().filter((folder) => resolve(folder) !== resolve(bin));
  const env = { ...process.env, PATH: path.join(delimiter) };
  const npmCli = process.env.npm_execpath;
  const npmNode = process.env.npm_node_execpath;
  const args = ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=error"];
  const child =
    npmCli && npmNode && !npmNode.startsWith(modules)
      ? spawn(npmNode, [npmCli, ...args], { cwd: root, env, stdio: "inherit" })
      : spawn("npm", args, { cwd: root, env, stdio: "inherit", shell: process.platform === "win32" });
  const status = await new Promise((done) => {
    child.once("error", () => done(1));
    child.once("exit", (code) => done(code ?? 1));
  });
  if (status !== 0) {
    throw new Error(
      "`npm ci` failed, see above. It needs a connection to the npm registry. Run the same command again to retry.",
    );
  }
  say("Installed.");
}

/** Two commands started at once must not both replace node_modules. The second waits for the first. */
async function withLock(work) {
  let told = false;
  while (!takeLock()) {
    if (!told) say("Another command is installing the dependencies. Waiting for it ...");
    told = true;
    await sleep(250);
  }
  const heartbeat = setInterval(touchLock, HEARTBEAT_MS);
  const release = () => rmSync(lockFile, { force: true });
  const stop = () => {
    release();
    process.exit(130);
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  let failure;
  try {
    await work();
  } catch (error) {
    failure = error;
  }
  clearInterval(heartbeat);
  process.off("SIGINT", stop).off("SIGTERM", stop);
  release();
  if (failure) fail(failure.message);
}

function touchLock() {
  try {
    utimesSync(lockFile, new Date(), new Date());
  } catch {
    // removed by hand: nothing left to keep alive
  }
}

/** The lock appears complete or not at all (link), and one whose owner died stops being touched. */
function takeLock() {
  const own = `${lockFile}-${process.pid}`;
  writeFileSync(own, `${process.pid}\n`);
  try {
    linkSync(own, lockFile);
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") fail(`Cannot create ${lockFile}: ${error.message}`);
    if (isAbandoned()) discardLock(own);
    return false;
  } finally {
    unlinkSync(own);
  }
}

function isAbandoned() {
  try {
    return Date.now() - statSync(lockFile).mtimeMs > ABANDONED_AFTER_MS;
  } catch {
    return false; // released meanwhile
  }
}

function discardLock(own) {
  try {
    const aside = `${own}-abandoned`;
    renameSync(lockFile, aside);
    unlinkSync(aside);
  } catch {
    // someone else was faster
  }
}

function guardNode() {
  const probe = spawnSync("node", ["-p", "process.versions.node"], {
    encoding: "utf8",
    env: scriptEnvironment(),
  });
  const version = (probe.stdout ?? "").trim();
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])) return;
  fail(
    `npm scripts would run on Node ${version || "(none)"}, and Sojourn needs ${LEAST_NODE.join(".")} or newer.\n` +
      "The development dependency `node` normally brings Node 24; its install script did not run.\n" +
      "Either allow it:  npm ci --ignore-scripts=false\n" +
      "or install Node 24 yourself (https://nodejs.org) and run the same command again.",
  );
}

/** The environment in which npm runs scripts: node_modules/.bin first. */
function scriptEnvironment() {
  return { ...process.env, PATH: [bin, ...searchPath()].join(delimiter) };
}

function searchPath() {
  return (process.env.PATH ?? "").split(delimiter);
}

function say(text) {
  console.log(`[setup] ${text}`);
}

function fail(text) {
  console.error(`\n[setup] ${text.replaceAll("\n", "\n[setup] ")}\n`);
  process.exit(1);
}
