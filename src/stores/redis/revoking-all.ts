/** Ends every session there is, on each primary. */
import { untilDeadline } from "../../core/patience.ts";
import type { SessionId } from "../../core/record.ts";
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";
import type { Keyspace } from "./keyspace.ts";
import { bytesIn, type Link, textIn } from "./link.ts";
import { REVOKE_THESE, SLICE } from "./scripts.ts";
import type { Steps } from "./steps.ts";

const SCAN_COUNT = "512";
/** How long it is tried again while slots move between nodes. */
const PATIENCE_MS = 10_000;
const SLOTS = 16_384;

/**
 * What moves from one node to another meanwhile may be missed by a search of both, so that a search counts only if the
 * nodes had all slots between them, and the same ones before and after. Answers, of each node, where one of its sessions
 * lies.
 */
export async function endAll(
  link: Link,
  keys: Keyspace,
  steps: Steps,
  call: CallOptions,
): Promise<readonly string[]> {
  const patience = untilDeadline(PATIENCE_MS);
  for (;;) {
    const nodes = await link.primaries(call);
    const before = link.isCluster ? await sharesOf(nodes, call) : "";
    const homes: string[] = [];
    for (const node of nodes) {
      let home: string | null = null;
      for await (const ids of found(node, keys, call)) {
        home ??= ids[0] === undefined ? null : keys.home(ids[0]);
        await Promise.all(
          slicesByHome(ids, keys).map((slice) => steps.ofSessions(call, REVOKE_THESE, slice[0] ?? "", slice)),
        );
      }
      if (home !== null) homes.push(home);
    }
    if (!link.isCluster) return homes;
    if (before !== null && before === (await sharesOf(nodes, call))) return homes;
    if (!(await patience.again())) {
      throw new StoreFault("busy", "Redis store: slots are moving between nodes, or some have none.");
    }
  }
}

async function* found(node: Link, keys: Keyspace, call: CallOptions): AsyncGenerator<readonly SessionId[]> {
  let cursor = "0";
  do {
    const reply = await node.command(call, "SCAN", cursor, "MATCH", keys.sessions, "COUNT", SCAN_COUNT);
    const [next, names]: readonly unknown[] = Array.isArray(reply) ? reply : [];
    yield (Array.isArray(names) ? names : [])
      .map((name) => keys.idIn(bytesIn(name).toString()))
      .filter((id) => id !== null);
    cursor = textIn(next);
  } while (cursor !== "0");
}

/** One script ends several, if they lie together. */
function slicesByHome(ids: readonly SessionId[], keys: Keyspace): readonly (readonly SessionId[])[] {
  const byHome = Map.groupBy(ids, (id) => keys.home(id));
  return [...byHome.values()].flatMap((together) =>
    Array.from({ length: Math.ceil(together.length / SLICE) }, (_, i) =>
      together.slice(i * SLICE, (i + 1) * SLICE),
    ),
  );
}

/** Which slots each has; `null` while one moves, or while they do not have all of them. */
async function sharesOf(nodes: readonly Link[], call: CallOptions): Promise<string | null> {
  const shares = await Promise.all(
    nodes.map(async (node) => ownShare(await node.command(call, "CLUSTER", "NODES"))),
  );
  const ranges = shares.flat();
  const count = ranges.reduce((sum, range) => sum + lengthOf(range), 0);
  return count === SLOTS ? ranges.join() : null;
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
