/** Stores that lack one guarantee each, made of one in memory: what a harness that declares the lack must get along with. */
import type { SessionRecord } from "../../../src/core/record.ts";
import { StoreLacksError } from "../../../src/errors.ts";
import type { Guarantees, SessionStore } from "../../../src/stores/contract.ts";
import { memoryStore } from "../../../src/stores/memory.ts";

export interface Weakness {
  readonly name: string;
  readonly lacks: "cas" | "noRevival" | "revokeUser" | "userIndex";
  weaken(inner: SessionStore): Partial<SessionStore>;
}

export const WEAKNESSES: readonly Weakness[] = [
  {
    name: "compares no version",
    lacks: "cas",
    weaken: (inner) => ({
      async save(record, _expected, call) {
        const found = await inner.load(record.id, call);
        return found && !("ended" in found) ? inner.save(record, found.version, call) : "gone";
      },
      delete: (id, reason, { expected: _any, ...call }) => inner.delete(id, reason, call),
    }),
  },
  {
    name: "brings back what ended when it is saved or touched",
    lacks: "noRevival",
    weaken(inner) {
      const revived = new Map<string, SessionRecord>();
      const last = new Map<string, SessionRecord>();
      return {
        load: async (id, call) => revived.get(id) ?? inner.load(id, call),
        async create(record, call) {
          last.set(record.id, record);
          return inner.create(record, call);
        },
        async save(record, expected, call) {
          const result = revived.has(record.id) ? "gone" : await inner.save(record, expected, call);
          if (result === "gone") revived.set(record.id, record);
          else if (result === "saved") last.set(record.id, record);
          return result === "gone" ? "saved" : result;
        },
        async touch(id, until, call) {
          if (await inner.touch(id, until, call)) return true;
          const record = revived.get(id) ?? last.get(id);
          if (record) revived.set(id, record);
          return record !== undefined;
        },
        async delete(id, reason, call) {
          return revived.delete(id) ? "deleted" : inner.delete(id, reason, call);
        },
      };
    },
  },
  {
    name: "forgets at once that something ended, and what ended",
    lacks: "noRevival",
    weaken(inner) {
      return {
        async load(id, call) {
          const found = await inner.load(id, call);
          return found && "ended" in found ? null : found;
        },
      };
    },
  },
  {
    name: "ends nothing",
    lacks: "noRevival",
    weaken: (inner) => ({
      async delete(id, reason, { expected: _any, ...call }) {
        const found = await inner.load(id, call);
        if (!found || "ended" in found) return "gone";
        const { credentials: __, payload: ___, ...header } = found;
        call.onEnded?.(header, reason);
        return "deleted";
      },
      create: (record, { replaces: _stays, ...call }) => inner.create(record, call),
    }),
  },
  {
    name: "ends no session of a user",
    lacks: "revokeUser",
    weaken: () => ({
      deleteByUser: async () => {
        throw new StoreLacksError("deleteByUser", "revokeUser", "weak");
      },
      erase: async () => {
        throw new StoreLacksError("erase", "revokeUser", "weak");
      },
      revocation: async () => "",
    }),
  },
  {
    name: "has no index",
    lacks: "userIndex",
    weaken: (inner) => ({
      listByUser: async () => {
        throw new StoreLacksError("listByUser", "userIndex", "weak");
      },
      create: (record, { limit: _any, ...call }) => inner.create(record, call),
    }),
  },
];

export function guaranteesOf({ lacks }: Weakness): Guarantees {
  return { ...memoryStore().guarantees, [lacks]: false };
}

export function weakStore(weakness: Weakness): SessionStore {
  const inner = memoryStore();
  const whole: SessionStore = {
    name: "weak",
    guarantees: guaranteesOf(weakness),
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
    sweep: (call) => inner.sweep(call),
    health: (call) => inner.health(call),
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
  return { ...whole, ...weakness.weaken(inner) };
}
