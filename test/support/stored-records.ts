// Records and folders for tests of stores that keep them on disk.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { SessionRecord, Version } from "../../src/core/record.ts";
import type { CallOptions } from "../../src/stores/contract.ts";

/** When these tests take place. */
export const NOW = Date.UTC(2030, 0, 2, 3, 4, 5, 678);
export const MINUTE = 60_000;

/** A call at `NOW` + `after` ms. */
export function at(after: number, more: Omit<CallOptions, "now"> = {}): CallOptions {
  return { now: NOW + after, ...more };
}

/** A login that began just now. */
export function since(after = 0): { readonly startedAt: number } {
  return { startedAt: NOW + after };
}

export function newVersion(): Version {
  return randomBytes(12).toString("base64url");
}

/** A session of `userId` that lives for 30 minutes idle and 12 hours. */
export function recordOf(userId: string | null, changes: Partial<SessionRecord> = {}): SessionRecord {
  const createdAt = changes.createdAt ?? NOW;
  return {
    id: randomBytes(16).toString("base64url"),
    userId,
    version: newVersion(),
    createdAt,
    authenticatedAt: userId === null ? null : createdAt,
    seenAt: createdAt,
    idleUntil: createdAt + 30 * MINUTE,
    absoluteUntil: createdAt + 720 * MINUTE,
    idleFor: 30 * MINUTE,
    persistent: false,
    label: null,
    about: null,
    credentials: randomBytes(94),
    payload: randomBytes(480),
    ...changes,
  };
}

/** A folder of the running test, removed when it is over. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sojourn-store-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
