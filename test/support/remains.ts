// All that stands in the files of a folder, as somebody finds it who takes the disk.
import { execFileSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const CAT =
  'for (const path of process.argv.slice(1)) process.stdout.write(require("node:fs").readFileSync(path))';

/**
 * Names and contents of all files below a folder. Read by another process: to close a database file in this one would
 * drop the locks that SQLite holds on it.
 */
export function remainsOf(folder: string): readonly Uint8Array[] {
  const paths = readdirSync(folder, { recursive: true }).map((name) => join(folder, String(name)));
  const files = paths.filter((path) => statSync(path).isFile());
  const found: Uint8Array[] = [Buffer.from(paths.map((path) => path.slice(folder.length)).join("\n"))];
  for (let from = 0; from < files.length; from += 1000) {
    const some = files.slice(from, from + 1000);
    found.push(execFileSync(process.execPath, ["-e", CAT, ...some], { maxBuffer: 1024 ** 3 }));
  }
  return found;
}

/** Whether a text stands in there, in UTF-8 or in UTF-16. */
export function holds(remains: readonly Uint8Array[], text: string): boolean {
  return remains.some((bytes) => {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return buffer.includes(text) || buffer.includes(Buffer.from(text, "utf16le"));
  });
}
