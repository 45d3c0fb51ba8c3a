/** The file `store`: which layout the folder has, and the key that turns user ids into names of folders. */
import { randomBytes } from "node:crypto";
import { sameBytes, sha256 } from "../../core/bytes.ts";
import { StoreFault } from "../../errors.ts";
import { USER_KEY_BYTES, userDigest } from "../user-digest.ts";
import type { Disk } from "./disk.ts";

/** "SJFS", the layout, the key, and the first 8 bytes of the SHA-256 of all that. */
const MAGIC = Buffer.from("SJFS");
const LAYOUT = 2;
/** The same but for session files, which may all be of format 1. */
const LAYOUT_BEFORE = 1;
const CHECKED = MAGIC.byteLength + 1 + USER_KEY_BYTES;
const PATH = "store";

export interface Identity {
  /** The name under which a user is indexed. Without the key nobody can tell whose it is. */
  nameOf(userId: string): string;
  /** Whether the folder had none, so that names under an older key mean nothing. */
  readonly isNew: boolean;
}

export function identify(disk: Disk): Identity {
  const stored = disk.read(PATH);
  const key = stored ? keyIn(stored, disk.folder) : randomBytes(USER_KEY_BYTES);
  // Before the first session file of this layout is written, so that an older version refuses the folder as a whole
  // and does not take its sessions for damaged ones.
  if (stored?.[MAGIC.byteLength] !== LAYOUT) {
    const fresh = Buffer.concat([MAGIC, Uint8Array.of(LAYOUT), key]);
    disk.write(PATH, Buffer.concat([fresh, checksum(fresh)]));
  }
  const digest = userDigest(key);
  return { nameOf: (userId) => digest(userId).toString("hex"), isNew: stored === null };
}

function keyIn(stored: Uint8Array, folder: string): Uint8Array {
  const isOurs =
    stored.byteLength === CHECKED + 8 &&
    sameBytes(stored.subarray(0, MAGIC.byteLength), MAGIC) &&
    sameBytes(stored.subarray(CHECKED), checksum(stored.subarray(0, CHECKED)));
  if (!isOurs) {
    throw new StoreFault(
      "corrupt",
      `File store ${folder}: its file "store" is damaged. Restore it from a backup; or delete it, and the index of ` +
        "users is made anew.",
    );
  }
  const layout = stored[MAGIC.byteLength];
  if (layout !== LAYOUT && layout !== LAYOUT_BEFORE) {
    throw new StoreFault(
      "unavailable",
      `File store ${folder}: written by a newer version of Sojourn (layout ${layout}; this one knows ${LAYOUT}). ` +
        "Update Sojourn, or use another folder.",
    );
  }
  return stored.subarray(MAGIC.byteLength + 1, CHECKED);
}

function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(0, 8);
}
