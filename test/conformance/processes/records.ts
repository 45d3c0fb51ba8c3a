// Records that count, for processes that write them.
import { randomBytes } from "node:crypto";
import type { SessionRecord } from "../../../src/core/record.ts";

const DAY = 24 * 3_600_000;

/** A session of `userId` that outlives every test. */
export function loginOf(userId: string, createdAt: number): SessionRecord {
  return {
    id: randomBytes(16).toString("base64url"),
    userId,
    version: randomBytes(12).toString("base64url"),
    createdAt,
    authenticatedAt: createdAt,
    seenAt: createdAt,
    idleUntil: createdAt + DAY,
    absoluteUntil: createdAt + DAY,
    idleFor: DAY,
    persistent: false,
    label: null,
    about: null,
    credentials: randomBytes(94),
    payload: payloadOf(0),
  };
}

/** The next state of a session: another version, and a payload that says `count` from one end to the other. */
export function counted(record: SessionRecord, count: number): SessionRecord {
  return { ...record, version: randomBytes(12).toString("base64url"), payload: payloadOf(count) };
}

function payloadOf(count: number): Uint8Array {
  const payload = Buffer.alloc(480 + (count % 7) * 1000);
  for (let at = 0; at < payload.byteLength; at += 4) payload.writeUInt32BE(count, at);
  return payload;
}

/** Throws for a payload that is not of one piece. */
export function countIn(record: SessionRecord): number {
  const payload = Buffer.from(record.payload);
  const count = payload.readUInt32BE(0);
  if (!payload.equals(payloadOf(count))) throw new Error("the payload is mixed up");
  return count;
}
