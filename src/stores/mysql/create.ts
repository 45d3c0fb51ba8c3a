/** How a row comes into being: the only writer of new rows. */
import { fromBase64url } from "../../core/bytes.ts";
import type { SessionRecord } from "../../core/record.ts";
import type { CreateOptions, CreateResult } from "../contract.ts";
import type { Operations } from "../sql/operations.ts";
import { insertValues } from "../sql/rows.ts";
import { isDuplicate } from "./faults.ts";
import { type Attempt, attemptLogin, type Login } from "./login.ts";
import type { MysqlQueries } from "./queries.ts";

export async function create(
  ops: Operations,
  queries: MysqlQueries,
  record: SessionRecord,
  call: CreateOptions,
): Promise<CreateResult> {
  const person = record.userId === null ? null : ops.digest(record.userId);
  const login: Login = { record, call, person, values: [...insertValues(record), person] };
  // A visitor has neither mark nor limit, so an insert will do.
  const isAlone = person === null && !call.replaces;
  for (;;) {
    const { outcome, ended } = isAlone
      ? await insert(queries, login)
      : await queries.link.transact(call, (ask) => attemptLogin(ask, queries, login));
    for (const session of ended) {
      ops.tell(session, session.id === call.replaces?.id ? "replaced" : "limit", call);
    }
    if (outcome === "ok") return { ok: true };
    // What is there under its own id goes before every other answer.
    const result = (await ownRow(ops, queries, login)) ?? (await resultOf(ops, outcome, call));
    if (result) return result;
  }
}

async function insert({ link, sql }: MysqlQueries, { values, call }: Login): Promise<Attempt> {
  try {
    await link.run(sql.insert, values, call);
    return { outcome: "ok", ended: [] };
  } catch (error) {
    if (error instanceof Error && isDuplicate(error.cause)) return { outcome: "taken", ended: [] };
    throw error;
  }
}

/** `null`: the id is free. */
async function ownRow(
  ops: Operations,
  { link, sql }: MysqlQueries,
  { record, call }: Login,
): Promise<CreateResult | null> {
  const found = await ops.load(record.id, call);
  if (found === null) {
    await link.run(sql.forget, [fromBase64url(record.id), call.now], call);
    return null;
  }
  if ("ended" in found) return { ok: false, reason: "ended" };
  return found.version === record.version ? { ok: true } : { ok: false, reason: "collision" };
}

/** `null`: what stood in the way has changed, decide again. */
async function resultOf(
  ops: Operations,
  outcome: Exclude<Attempt["outcome"], "ok">,
  call: CreateOptions,
): Promise<CreateResult | null> {
  if (outcome === "taken") return null;
  if (outcome !== "conflict") return { ok: false, reason: outcome };
  const current = call.replaces ? await ops.live(call.replaces.id, call) : null;
  if (current === null || current.version === call.replaces?.version) return null;
  return { ok: false, reason: "conflict", current };
}
