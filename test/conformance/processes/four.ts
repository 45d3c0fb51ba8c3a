// Four processes that open one store at the same moment, and then count in one session of it.
import { expect } from "vitest";
import type { SessionRecord } from "../../../src/core/record.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { at, since } from "../../support/stored-records.ts";
import { countIn } from "./records.ts";
import { startTeam } from "./team.ts";

/** `store`: one more on the same tables, opened when the workers have opened theirs. */
export async function countByFour(
  worker: URL,
  task: { readonly writers: number },
  store: SessionStore,
  record: SessionRecord,
): Promise<void> {
  const team = startTeam<object | "go">(worker);
  expect(await team.do(task)).toEqual(["open", "open", "open", "open"]);
  await store.open();
  await store.create(record, { ...at(0), since: since() });
  expect(await team.do("go")).toEqual(["done", "done", "done", "done"]);
  const found = await store.load(record.id, at(0));
  expect(found && !("ended" in found) ? countIn(found) : null).toBe(4 * task.writers);
}
