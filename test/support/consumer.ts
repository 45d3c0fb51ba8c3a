import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);
export const root: string = fileURLToPath(new URL("../../", import.meta.url));

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  /** Both stdout and stderr. */
  readonly output: string;
}

/** A project outside the repository that has the packed tarball installed, as users get it from the registry. */
export interface Consumer extends AsyncDisposable {
  readonly folder: string;
  /** The files of the tarball, sorted. */
  readonly files: readonly string[];
  write(path: string, text: string): Promise<void>;
  /** Runs Node there; never rejects. */
  node(...args: readonly string[]): Promise<Ran>;
}

/** `packages` are those the consumer has beside sojourn, by name; they are lent by the repository's own install. */
export async function createConsumer(packages: readonly string[] = []): Promise<Consumer> {
  const folder = await mkdtemp(join(tmpdir(), "sojourn-consumer-"));
  const installed = join(folder, "node_modules/sojourn");
  await mkdir(installed, { recursive: true });
  await exec("npm", ["pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder], {
    cwd: root,
  });
  const tarball = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  await exec("tar", ["-xzf", join(folder, tarball), "-C", installed, "--strip-components=1"]);
  const files = await readdir(installed, { recursive: true, withFileTypes: true });

  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  for (const name of [...Object.keys(manifest.dependencies ?? {}), ...packages]) {
    const link = join(folder, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(root, "node_modules", name), link, "junction");
  }
  const consumer: Consumer = {
    folder,
    files: files
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1))
      .sort(),
    async write(path, text) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    node: (...args) => run(process.execPath, args, folder),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
  await consumer.write("package.json", JSON.stringify({ private: true, type: "module" }));
  return consumer;
}

/** Runs a command to its end; never rejects. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Ran> {
  try {
    const { stdout, stderr } = await exec(command, args, { cwd, env, maxBuffer: 1 << 26 });
    return { code: 0, stdout, output: stdout + stderr };
  } catch (error) {
    if (!isFailedRun(error)) throw error;
    const { code, stdout, stderr } = error;
    return { code: typeof code === "number" ? code : -1, stdout, output: stdout + stderr };
  }
}

function isFailedRun(error: unknown): error is Error & { code: unknown; stdout: string; stderr: string } {
  return error instanceof Error && "stdout" in error && "stderr" in error && "code" in error;
}
