/**
 * Files that are there whole or not at all. All calls are synchronous: a small file on a local disk is read in a few
 * microseconds, less than handing it to a thread costs, and nothing can come between the steps of an operation.
 * Paths are made of names this store has made itself, and no symbolic link is followed at the end of one.
 */
import {
  closeSync,
  constants,
  type Dir,
  fstatSync,
  fsyncSync,
  mkdirSync,
  opendirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, isAbsent } from "./faults.ts";

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants;
// Windows has neither flag.
const READ = O_RDONLY | (O_NOFOLLOW ?? 0);
const MAKE = O_WRONLY | O_CREAT | O_EXCL | (O_NOFOLLOW ?? 0);
const FOLDER = O_RDONLY | (O_DIRECTORY ?? 0);

/** A file that was written and is not in place yet. */
export type Staged = string & { readonly staged: unique symbol };

export class Disk {
  readonly folder: string;
  readonly #isFlushed: boolean;
  #drafts = 0;

  /** `isFlushed`: every write reaches the disk itself before it counts. */
  constructor(folder: string, isFlushed: boolean) {
    this.folder = folder;
    this.#isFlushed = isFlushed;
  }

  /** Makes the top folders; throws away what a crash left unfinished. */
  prepare(folders: readonly string[]): void {
    this.removeAll("drafts");
    for (const folder of ["drafts", ...folders]) this.makeFolder(folder);
  }

  /** With those it lies in, but for the store's own: where that has gone, nothing must be made in its place. */
  makeFolder(path: string): void {
    const parts = path.split("/");
    for (const [depth] of parts.entries()) {
      const folder = parts.slice(0, depth + 1).join("/");
      try {
        mkdirSync(join(this.folder, folder), { mode: 0o700 });
        if (this.#isFlushed) this.#flushFolder(dirname(folder));
      } catch (error) {
        if (codeOf(error) !== "EEXIST") throw error;
      }
    }
  }

  /** The bytes of a file, `null` when there is none. They are the caller's own. */
  read(path: string): Uint8Array | null {
    let file: number;
    try {
      file = openSync(join(this.folder, path), READ);
    } catch (error) {
      if (isAbsent(error)) return null;
      throw error;
    }
    try {
      const bytes = Buffer.allocUnsafeSlow(fstatSync(file).size);
      let length = 0;
      for (let read = -1; read !== 0 && length < bytes.byteLength; length += read) {
        read = readSync(file, bytes, length, bytes.byteLength - length, null);
      }
      return bytes.subarray(0, length);
    } finally {
      closeSync(file);
    }
  }

  /** Writes all of it beside its place: whatever can fail for want of space fails here, with nothing changed. */
  stage(bytes: Uint8Array): Staged {
    const draft = join("drafts", String(this.#drafts++)) as Staged;
    const path = join(this.folder, draft);
    const file = openSync(path, MAKE, 0o600);
    try {
      for (let written = 0; written < bytes.byteLength; ) written += writeSync(file, bytes, written);
      if (this.#isFlushed) fsyncSync(file);
    } catch (error) {
      unlinkSync(path);
      throw error;
    } finally {
      closeSync(file);
    }
    return draft;
  }

  /** Puts it in its place, in one step: before it the old file is there, after it the new one. */
  publish(draft: Staged, path: string): void {
    this.#inFolder(path, () => renameSync(join(this.folder, draft), join(this.folder, path)));
    if (this.#isFlushed) this.#flushFolder(dirname(path));
  }

  /** Makes the folder of `path` if that is what is missing. */
  #inFolder(path: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      if (!isAbsent(error)) throw error;
      this.makeFolder(dirname(path));
      act();
    }
  }

  discard(draft: Staged): void {
    this.remove(draft);
  }

  write(path: string, bytes: Uint8Array): void {
    const draft = this.stage(bytes);
    try {
      this.publish(draft, path);
    } catch (error) {
      this.discard(draft);
      throw error;
    }
  }

  /** An empty file whose name says it all. Repeating it is harmless. */
  mark(path: string): void {
    this.#inFolder(path, () => this.#touch(path));
  }

  #touch(path: string): void {
    try {
      closeSync(openSync(join(this.folder, path), MAKE, 0o600));
    } catch (error) {
      if (codeOf(error) !== "EEXIST") throw error;
    }
  }

  /** Renames a mark; makes the new one where the old is missing. */
  moveMark(from: string, to: string): void {
    try {
      renameSync(join(this.folder, from), join(this.folder, to));
    } catch (error) {
      if (!isAbsent(error)) throw error;
      this.mark(to); // its folder may be missing, or the old mark
      this.remove(from);
    }
  }

  /** Absent already: no matter. */
  remove(path: string): void {
    try {
      unlinkSync(join(this.folder, path));
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }

  removeAll(path: string): void {
    rmSync(join(this.folder, path), { recursive: true, force: true });
  }

  /** Removes a folder if nothing is in it. Whether it is gone. */
  removeEmpty(path: string): boolean {
    try {
      rmdirSync(join(this.folder, path));
    } catch (error) {
      if (["ENOTEMPTY", "EEXIST", "EPERM"].includes(codeOf(error))) return false;
      if (!isAbsent(error)) throw error;
    }
    return true;
  }

  /** The names in a folder, in no order; none where it is missing. */
  list(path: string): string[] {
    try {
      return readdirSync(join(this.folder, path));
    } catch (error) {
      if (isAbsent(error)) return [];
      throw error;
    }
  }

  /** The same, at most `size` at a time. What comes or goes meanwhile may be among them or not. */
  *pieces(path: string, size: number): Generator<string[], void> {
    let folder: Dir;
    try {
      folder = opendirSync(join(this.folder, path), { bufferSize: size });
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    try {
      let names: string[] = [];
      for (let entry = folder.readSync(); entry; entry = folder.readSync()) {
        if (names.length === size) {
          yield names;
          names = [];
        }
        names.push(entry.name);
      }
      yield names;
    } finally {
      folder.closeSync();
    }
  }

  has(path: string): boolean {
    return statSync(join(this.folder, path), { throwIfNoEntry: false }) !== undefined;
  }

  move(from: string, to: string): void {
    renameSync(join(this.folder, from), join(this.folder, to));
  }

  #flushFolder(path: string): void {
    const folder = openSync(join(this.folder, path), FOLDER);
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}
