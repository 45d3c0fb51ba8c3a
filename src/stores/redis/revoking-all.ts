/** Ends every session there is, on each primary. */
import { untilDeadline } from "../../core/patience.ts";
import type { SessionId } from "../../core/record.ts";
import type { CallOptions } from "../contract.ts";
import type { Keyspace } from "./keyspace.ts";
import type { Link } from "./link.ts";
import { NO_TRACE, REVOKE_THESE, SLICE } from "./scripts.ts";
import type { Steps } from "./steps.ts";
import { FIRST, idsFrom, moving, sharesOf } from "./walking.ts";

/** How many keys one step looks at. */
const COUNT = 512;
/** How long it is tried again while slots move between nodes. */
const PATIENCE_MS = 10_000;

/**
 * What moves from one node to another meanwhile may be missed by a search of both, so that a search counts only if the
 * nodes had all slots between them, and the same ones before and after. Answers one session
 * of each node.
 */
export async function endAll(
  link: Link,
  keys: Keyspace,
  steps: Steps,
  call: CallOptions,
): Promise<readonly SessionId[]> {
  const patience = untilDeadline(PATIENCE_MS);
  for (;;) {
    const nodes = await link.primaries(call);
    const before = link.isCluster ? await sharesOf(nodes, call) : "";
    const seen: SessionId[] = [];
    for (const node of nodes) {
      const id = await endAllOf(node, keys, steps, call);
      if (id !== null) seen.push(id);
    }
    if (!link.isCluster) return seen;
    if (before !== null && before === (await sharesOf(nodes, call))) return seen;
    if (!(await patience.again())) throw moving();
  }
}

async function endAllOf(
  node: Link,
  keys: Keyspace,
  steps: Steps,
  call: CallOptions,
): Promise<SessionId | null> {
  let first: SessionId | null = null;
  let cursor = FIRST;
  do {
    const { ids, next } = await idsFrom(node, keys, call, cursor, COUNT);
    first ??= ids[0] ?? null;
    await Promise.all(
      slicesByHome(ids, keys).map((slice) =>
        steps.ofSessions(call, REVOKE_THESE, slice[0] ?? "", [NO_TRACE, ...slice]),
      ),
    );
    cursor = next;
  } while (cursor !== FIRST);
  return first;
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
