// A store that breaks one rule: what to change on a memory store, and which cases must notice.
import type { SessionRecord } from "../../../src/core/record.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { memoryStore } from "../../../src/stores/memory.ts";

export interface Mutant {
  readonly name: string;
  /** Every case named here fails on it. */
  readonly caughtBy: readonly string[];
  break(inner: SessionStore): Partial<SessionStore>;
}

export function brokenStore(mutant: Mutant): SessionStore {
  const inner = memoryStore();
  const whole: SessionStore = {
    name: inner.name,
    guarantees: inner.guarantees,
    open: (options) => inner.open(options),
    load: (id, call) => inner.load(id, call),
    create: (record, call) => inner.create(record, call),
    save: (record, expected, call) => inner.save(record, expected, call),
    touch: (id, until, call) => inner.touch(id, until, call),
    delete: (id, reason, call) => inner.delete(id, reason, call),
    listByUser: (userId, call) => inner.listByUser(userId, call),
    deleteByUser: (userId, call) => inner.deleteByUser(userId, call),
    erase: (userId, call) => inner.erase(userId, call),
    revocation: (userId, call) => inner.revocation(userId, call),
    deleteAll: (call) => inner.deleteAll(call),
    ...(inner.scan && { scan: inner.scan.bind(inner) }),
    sweep: (call) => inner.sweep(call),
    health: (call) => inner.health(call),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return { ...whole, ...mutant.break(inner) };
}

/** Something else is done in between: what a store without atomic operations lets happen. */
export function elsewhere(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Changes what loads answer for live sessions. */
export function seenAs(
  inner: SessionStore,
  change: (record: SessionRecord) => SessionRecord,
): Pick<SessionStore, "load"> {
  return {
    async load(id, call) {
      const found = await inner.load(id, call);
      return found && !("ended" in found) ? change(found) : found;
    },
  };
}

/** Keeps dead sessions alive beside the store: what an upsert does. */
export function revival(inner: SessionStore): {
  readonly revived: Map<string, SessionRecord>;
  readonly load: SessionStore["load"];
} {
  const revived = new Map<string, SessionRecord>();
  return { revived, load: async (id, call) => revived.get(id) ?? inner.load(id, call) };
}

/** A call with one of its options taken away. */
export function without<Call extends object, Option extends keyof Call>(
  call: Call,
  option: Option,
): Omit<Call, Option> {
  const { [option]: _, ...rest } = call;
  return rest;
}
