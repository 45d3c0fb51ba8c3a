/**
 * The random key that digests of users are made with, in the meta entry. With slots it stands in three places, so that it
 * outlives a node that comes back empty.
 */
import { randomBytes } from "node:crypto";
import { StoreFault } from "../../errors.ts";
import { USER_KEY_BYTES, type UserDigest, userDigest } from "../user-digest.ts";
import type { Keyspace } from "./keyspace.ts";
import { bytesIn, type Link, type Wait } from "./link.ts";

const KEY_ID_BYTES = 16;

/** What digests of users are made with. */
export interface Digests {
  /** Names the key, so that a script notices when another has taken its place. */
  readonly keyId: Buffer;
  /** As it stands under the meta key: the name, then the key. */
  readonly entry: Buffer;
  readonly of: UserDigest;
}

type Metas = Pick<Keyspace, "metas">;

/**
 * The store's key, drawn by whoever comes first. A process that has `known` one writes that again where the server lost
 * it, so that what stands under digests is found again.
 */
export async function readDigests(
  link: Link,
  wait: Wait,
  { metas }: Metas,
  known?: Buffer,
): Promise<Digests> {
  const places = await Promise.all(
    metas.map(async (meta) => ({ meta, entry: await link.command(wait, "GET", meta) })),
  );
  const there = places.find(({ entry }) => entry !== null)?.entry;
  const entry = bytesIn(there ?? (await draw(link, wait, metas[0], known ?? newEntry())));
  if (entry.byteLength !== KEY_ID_BYTES + USER_KEY_BYTES) {
    throw new StoreFault("corrupt", "Redis store: the entry under `meta` is none of this release's.");
  }
  const empty = places.filter(
    ({ meta, entry }) => entry === null && (there !== undefined || meta !== metas[0]),
  );
  await Promise.all(empty.map(({ meta }) => link.command(wait, "SET", meta, entry, "NX")));
  return { entry, keyId: entry.subarray(0, KEY_ID_BYTES), of: userDigest(entry.subarray(KEY_ID_BYTES)) };
}

async function draw(link: Link, wait: Wait, meta: string, entry: Buffer): Promise<unknown> {
  await link.command(wait, "SET", meta, entry, "NX");
  return link.command(wait, "GET", meta);
}

function newEntry(): Buffer {
  const keyId = Buffer.from(randomBytes(KEY_ID_BYTES / 2).toString("hex"));
  return Buffer.concat([keyId, randomBytes(USER_KEY_BYTES)]);
}

/**
 * Whether the key is still the store's. Asked where a script cannot look by itself, since the key lies in another slot.
 * One place that answers is enough: a part of a cluster that is down must not keep the rest from signing in.
 */
export async function isStillKey(
  link: Link,
  wait: Wait,
  { metas }: Metas,
  { entry }: Digests,
): Promise<boolean> {
  const asked = metas.map(async (meta) => {
    const found = await link.command(wait, "GET", meta);
    if (found === null) throw new Lost();
    return entry.equals(bytesIn(found));
  });
  try {
    return await Promise.any(asked);
  } catch (error) {
    const reasons: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    const fault = reasons.find((reason) => reason instanceof StoreFault);
    if (fault) throw fault;
    return false;
  }
}

/** Nothing stands in a place. */
class Lost extends Error {}
