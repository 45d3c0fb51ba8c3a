/** What errors of the file system mean for a caller. Messages name the folder, never a user or data. */
import { StoreFault, type StoreFaultKind } from "../../errors.ts";

const MEANINGS: ReadonlyMap<string, readonly [StoreFaultKind, string]> = new Map([
  ["EACCES", ["unavailable", "permission denied; check the owner and mode of the folder"]],
  ["EPERM", ["unavailable", "permission denied; check the owner and mode of the folder"]],
  ["EROFS", ["unavailable", "the disk is read-only"]],
  ["ENOSPC", ["unavailable", "the disk is full"]],
  ["EDQUOT", ["unavailable", "the disk quota is used up"]],
  ["EMFILE", ["unavailable", "this process has too many files open"]],
  ["ENFILE", ["unavailable", "this machine has too many files open"]],
  ["ENOTDIR", ["unavailable", "a file is where a folder should be"]],
  ["EEXIST", ["unavailable", "a file is where a folder should be"]],
  ["ELOOP", ["corrupt", "a symbolic link is where a file should be; links are never followed"]],
  // A write that failed so may have reached the disk, and may not.
  ["EIO", ["ambiguous", "the disk reported an error"]],
]);

export function fileFault(error: unknown, folder: string): StoreFault {
  if (error instanceof StoreFault) return error;
  const [kind, problem] = MEANINGS.get(codeOf(error)) ?? [
    "unavailable",
    "the operation failed; see the cause",
  ];
  return new StoreFault(kind, `File store ${folder}: ${problem}.`, { cause: error });
}

/** Whether a file is not there; any other trouble is an error, since it says nothing about the session. */
export function isAbsent(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}
