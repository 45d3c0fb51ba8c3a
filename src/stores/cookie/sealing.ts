/** Sessions as text that a client carries and cannot read, change, or give to another one. */
import { fromBase64url, toBase64url } from "../../core/bytes.ts";
import type { KeyRing } from "../../core/key-ring.ts";
import type { SessionId, SessionRecord } from "../../core/record.ts";
import { type Binding, isSealedByFirst, SEAL_FORMAT, seal, unseal } from "../../core/seal.ts";
import {
  type CarriedSession,
  type Deadline,
  decodeDeadline,
  decodeSession,
  encodeDeadline,
  encodeSession,
} from "./format.ts";

/** The ring's keys for this use: what seals data at rest, or anything else, opens nothing here. */
export const PURPOSE = "carried-session";

const TEXT = /^[A-Za-z0-9_-]+$/;

export interface Opened extends CarriedSession {
  /** Sealed under a key that seals no longer: the next answer that writes seals it anew. */
  readonly isOutdated: boolean;
}

export class Sealing {
  readonly #ring: KeyRing;

  constructor(ring: KeyRing) {
    this.#ring = ring;
  }

  session(session: CarriedSession): string {
    return toBase64url(seal(this.#ring, encodeSession(session), binding("session", session.record.id)));
  }

  deadline(record: SessionRecord): string {
    return toBase64url(seal(this.#ring, encodeDeadline(record), binding("deadline", record.id)));
  }

  /** `null` for whatever was not sealed here for this id. Which fault it was is told to nobody. */
  open(id: SessionId, text: string): Opened | null {
    const bytes = TEXT.test(text) ? fromBase64url(text) : new Uint8Array();
    const plain = unseal(this.#ring, bytes, binding("session", id));
    const session = typeof plain === "string" ? null : decodeSession(id, plain);
    return session && { ...session, isOutdated: !isSealedByFirst(this.#ring, bytes) };
  }

  openDeadline(id: SessionId, text: string): Deadline | null {
    if (!TEXT.test(text)) return null;
    const plain = unseal(this.#ring, fromBase64url(text), binding("deadline", id));
    return typeof plain === "string" ? null : decodeDeadline(plain);
  }
}

function binding(what: "session" | "deadline", id: SessionId): Binding {
  return { context: `${what}/${id}`, data: `${SEAL_FORMAT}/${what}/${id}` };
}
