/** How a row comes into being: the only writer of new rows. */
import { fromBase64url } from "../../core/bytes.ts";
import type { SessionRecord } from "../../core/record.ts";
import { isSessionId } from "../../core/token.ts";
import { StoreFault } from "../../errors.ts";
import type { CreateOptions, CreateResult } from "../contract.ts";
import type { Operations } from "../sql/operations.ts";
import type { Query, SqlValue } from "../sql/queries.ts";
import { headerIn, insertValues, textValue } from "../sql/rows.ts";

export interface CreateQueries {
  readonly insert: Query;
  readonly create: Query;
}

export async function create(
  ops: Operations,
  sql: CreateQueries,
  record: SessionRecord,
  call: CreateOptions,
): Promise<CreateResult> {
  const values = insertValues(record);
  // A visitor has neither mark nor limit, so an insert will do unless the id is known already.
  if (record.userId === null && !call.replaces && (await ops.applies(sql.insert, values, call))) {
    return { ok: true };
  }
  const decision = [...values, ...decisionValues(ops, record, call)];
  for (;;) {
    const rows = await ops.rows(sql.create, decision, call);
    for (const [, ...row] of rows) {
      if (row[0] === null) continue;
      const session = headerIn(row);
      ops.tell(session, session.id === call.replaces?.id ? "replaced" : "limit", call);
    }
    const result = await resultOf(ops, rows[0]?.[0], call);
    if (result) return result;
  }
}

/** The parameters of the function after those of the row. */
function decisionValues(ops: Operations, record: SessionRecord, call: CreateOptions): SqlValue[] {
  const { since, replaces, limit } = call;
  const isReplacing = replaces !== undefined && isSessionId(replaces.id);
  const hasLimit = limit !== undefined && record.userId !== null;
  return [
    call.now,
    record.userId === null ? null : ops.digest(record.userId),
    "startedAt" in since ? since.startedAt : null,
    "revocation" in since ? textValue(since.revocation) : null,
    isReplacing ? fromBase64url(replaces.id) : null,
    isReplacing ? textValue(replaces.version) : null,
    hasLimit ? Math.min(limit.max, MOST) : null,
    hasLimit && limit.over === "refuse",
  ];
}

/** The largest number of the function's type. */
const MOST = 2 ** 31 - 1;

/** `null`: what stood in the way has changed, decide again. */
async function resultOf(ops: Operations, answer: unknown, call: CreateOptions): Promise<CreateResult | null> {
  switch (answer) {
    case "ok":
    case "repeated":
      return { ok: true };
    case "ended":
    case "collision":
    case "revoked":
    case "full":
      return { ok: false, reason: answer };
    case "conflict": {
      const current = call.replaces ? await ops.live(call.replaces.id, call) : null;
      if (current === null || current.version === call.replaces?.version) return null;
      return { ok: false, reason: "conflict", current };
    }
    default:
      throw new StoreFault("corrupt", "PostgreSQL store: its create function is not the one it made.");
  }
}
