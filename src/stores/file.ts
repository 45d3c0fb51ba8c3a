/** `sojourn/stores/file`: sessions in a folder, one file each, for one process. */
import { resolve } from "node:path";
import { oneOf, refuseUnknownKeys } from "../core/option-checks.ts";
import { InvalidOptionError } from "../errors.ts";
import type { SessionStore } from "./contract.ts";
import { FileSessionStore } from "./file/store.ts";

export interface FileStoreOptions {
  /**
   * What an acknowledged write survives. `"process-crash"` (default): a crash or kill of the process; after a power
   * failure the next `open` checks every file, and may find the last ones missing or damaged. `"power-loss"`: that
   * too, for two disk flushes per write, during which the process stands still: mostly a few milliseconds.
   */
  readonly durability?: "process-crash" | "power-loss";
}

/** Beyond this a session is no longer a session; the manager's own limit is far below. */
const MAX_BYTES = 1024 * 1024;

/**
 * Keeps sessions as files in a folder of its own, readable by their owner only: for small sites, and where SQLite is
 * not at hand. `folder` is relative to the working directory at this call, is made when it is missing, and belongs
 * on a local disk. One process at a time: the second one's `open()` is refused with the name of the first, and a
 * holder that crashed is replaced at once. A crash at any point leaves each session as it was before or after.
 *
 * A session costs two or three small files, so a million of them is a matter for `sqliteStore`.
 *
 * Throws `InvalidOptionError` at once for an impossible folder or option. Everything else shows at `open()`, as
 * `StoreFault`.
 */
export function fileStore(folder: string, options: FileStoreOptions = {}): SessionStore {
  refuseUnknownKeys(options, ["durability"], "fileStore");
  const durable = oneOf(
    "fileStore.durability",
    options.durability,
    ["process-crash", "power-loss"],
    "process-crash",
  );
  if (typeof folder !== "string" || folder.trim() === "") {
    throw new InvalidOptionError("fileStore.folder", "must name a folder");
  }
  if (folder.includes("\0"))
    throw new InvalidOptionError("fileStore.folder", "must not contain a NUL character");
  return new FileSessionStore(resolve(folder), {
    cas: true,
    noRevival: true,
    revokeUser: true,
    userIndex: true,
    slots: false,
    expiry: "sweep",
    shared: "process",
    durable,
    maxBytes: MAX_BYTES,
  });
}
