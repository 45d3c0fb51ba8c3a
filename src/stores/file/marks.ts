/** `marks/<user>`: that a user's sessions were revoked, and when. Keeps logins out that began before. */
import { sameBytes, sha256 } from "../../core/bytes.ts";
import type { Instant } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import { REVOCATION_MS } from "../contract.ts";
import type { Subject } from "./bucket.ts";
import type { Disk } from "./disk.ts";
import { Reader, Writer } from "./packing.ts";
import type { Schedule } from "./schedule.ts";

export interface Mark {
  readonly revokedAt: Instant;
  readonly token: string;
}

const CHECKSUM = 16;

export class Marks {
  readonly #disk: Disk;
  readonly #schedule: Schedule;

  constructor(disk: Disk, schedule: Schedule) {
    this.#disk = disk;
    this.#schedule = schedule;
  }

  /** The mark while it counts. A damaged one throws: not knowing it could let a revoked login in. */
  read(user: string, now: Instant): Mark | null {
    const mark = this.#stored(user);
    if (mark === "damaged") {
      throw new StoreFault(
        "corrupt",
        `File store ${this.#disk.folder}: a file in marks/ is damaged. Delete it.`,
      );
    }
    return mark && now < mark.revokedAt + REVOCATION_MS ? mark : null;
  }

  /** Never moves back, also when the clock did. */
  put(user: string, now: Instant, token: string): void {
    const stored = this.#stored(user);
    const revokedAt = stored && stored !== "damaged" ? Math.max(stored.revokedAt, now) : now;
    this.#schedule.add(subjectOf(user), revokedAt + REVOCATION_MS);
    this.#disk.write(pathOf(user), encode({ revokedAt, token }));
  }

  /** What to do when its time by `from` has come: forget it, or look again when it is over. */
  look(user: string, from: Schedule, at: Instant, now: Instant): void {
    const mark = this.#stored(user);
    const until = mark && mark !== "damaged" ? mark.revokedAt + REVOCATION_MS : now;
    if (now < until) {
      from.moveTo(this.#schedule, subjectOf(user), at, until);
      return;
    }
    this.#disk.remove(pathOf(user));
    from.remove(subjectOf(user), at);
  }

  /** Schedules all marks again, to be looked at by the next sweep. */
  reschedule(): void {
    for (const name of this.#disk.list("marks"))
      if (/^[0-9a-f]{32}$/.test(name)) this.#schedule.add(`m${name}`, 0);
  }

  #stored(user: string): Mark | "damaged" | null {
    const bytes = this.#disk.read(pathOf(user));
    return bytes && (decode(bytes) ?? "damaged");
  }
}

function encode({ revokedAt, token }: Mark): Uint8Array {
  const writer = new Writer(CHECKSUM + 32);
  writer.skip(CHECKSUM);
  writer.float(revokedAt);
  writer.text(token);
  const bytes = writer.bytes();
  bytes.set(checksum(bytes));
  return bytes;
}

function decode(bytes: Uint8Array): Mark | null {
  if (bytes.byteLength < CHECKSUM || !sameBytes(checksum(bytes), bytes.subarray(0, CHECKSUM))) return null;
  const reader = new Reader(bytes, CHECKSUM);
  const mark = { revokedAt: reader.float(), token: reader.text() };
  return reader.isAtEnd() ? mark : null;
}

function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(bytes.subarray(CHECKSUM)).subarray(0, CHECKSUM);
}

function subjectOf(user: string): Subject {
  return `m${user}`;
}

function pathOf(user: string): string {
  return `marks/${user}`;
}
