/** Walks through the sessions of each primary, in the order that SCAN has, and notices when slots move meanwhile. */
import { createHash } from "node:crypto";
import type { SessionId } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { Keyspace } from "./keyspace.ts";
import { bytesIn, type Link, textIn, type Wait } from "./link.ts";

/** Where SCAN begins, and what it answers at the end. */
export const FIRST = "0";

const SLOTS = 16_384;
const SHARES_CHARACTERS = 16;

export interface Step {
  readonly ids: readonly SessionId[];
  readonly next: string;
}

/** The ids of some of the sessions of a node, live or not, from a place in its own order. `count`: keys to look at. */
export async function idsFrom(
  node: Link,
  keys: Keyspace,
  wait: Wait,
  cursor: string,
  count: number,
): Promise<Step> {
  const reply = await node.command(wait, "SCAN", cursor, "MATCH", keys.sessions, "COUNT", String(count));
  const [next, names]: readonly unknown[] = Array.isArray(reply) ? reply : [];
  const ids = (Array.isArray(names) ? names : [])
    .map((name) => keys.idIn(bytesIn(name).toString()))
    .filter((id) => id !== null);
  return { ids, next: textIn(next) };
}

/**
 * The same over all nodes. The place in a cluster names the shares that the nodes had: what moves from one to another
 * between two steps may be missed by both, and such a walk has to begin again (`StoreFault` kind `busy`).
 */
export async function idsFromAll(
  link: Link,
  keys: Keyspace,
  wait: Wait,
  cursor: string | undefined,
  count: number,
): Promise<{ readonly ids: readonly SessionId[]; readonly next: string | null }> {
  if (!link.isCluster) {
    if (cursor !== undefined && !/^\d{1,20}$/.test(cursor)) throw noCursor();
    const { ids, next } = await idsFrom(link, keys, wait, cursor ?? FIRST, count);
    return { ids, next: next === FIRST ? null : next };
  }
  const nodes = await link.primaries(wait);
  const shares = await sharesOf(nodes, wait);
  const [began = shares, index = "0", place = FIRST] = cursor === undefined ? [] : partsOf(cursor);
  const node = nodes[Number(index)];
  if (shares === null || shares !== began || !node) throw moving();
  const { ids, next } = await idsFrom(node, keys, wait, place, count);
  if (next !== FIRST) return { ids, next: `${shares}-${index}-${next}` };
  if (Number(index) + 1 < nodes.length) return { ids, next: `${shares}-${Number(index) + 1}-${FIRST}` };
  if ((await sharesOf(nodes, wait)) !== shares) throw moving();
  return { ids, next: null };
}

function partsOf(cursor: string): readonly string[] {
  const match = /^([0-9a-f]{16})-(\d{1,4})-(\d{1,20})$/.exec(cursor);
  if (!match) throw noCursor();
  return match.slice(1);
}

function noCursor(): StoreFault {
  return new StoreFault("corrupt", "That is no cursor of a scan.");
}

export function moving(): StoreFault {
  return new StoreFault("busy", "Redis store: slots move between nodes, or some have none: begin again.");
}

/** A short text that says which slots each node has; `null` while one moves, or while they do not have all of them. */
export async function sharesOf(nodes: readonly Link[], wait: Wait): Promise<string | null> {
  const shares = await Promise.all(
    nodes.map(async (node) => ownShare(await node.command(wait, "CLUSTER", "NODES"))),
  );
  const count = shares.flat().reduce((sum, range) => sum + lengthOf(range), 0);
  if (count !== SLOTS) return null;
  return createHash("sha256").update(shares.join(";")).digest("hex").slice(0, SHARES_CHARACTERS);
}

/** The slots in a node's line about itself: `id address flags primary ping pong epoch state slots...` */
function ownShare(reply: unknown): readonly string[] {
  const own = textIn(reply)
    .split("\n")
    .map((line) => line.split(" "))
    .find(([, , flags = ""]) => flags.split(",").includes("myself"));
  const [, , flags = "", , , , , , ...ranges] = own ?? [];
  return flags.split(",").includes("master") ? ranges : [];
}

/** `0-5460` or `7`; `[93-<-...]` is a slot on the move. */
function lengthOf(range: string): number {
  const [from, to = from] = range.split("-").map(Number);
  return from === undefined || to === undefined ? Number.NaN : to - from + 1;
}
