// Broken limits.
import type { SessionRecord } from "../../../src/core/record.ts";
import type { CreateOptions, SessionStore } from "../../../src/stores/contract.ts";
import { elsewhere, type Mutant, without } from "./mutant.ts";

async function liveOf(store: SessionStore, record: SessionRecord, call: CreateOptions) {
  const { sessions } = await store.listByUser(record.userId ?? "", { now: call.now, limit: 100 });
  return sessions.filter(({ id }) => id !== call.replaces?.id);
}

export const limitMutants: readonly Mutant[] = [
  {
    name: "no limit",
    caughtBy: ["limit refuse: a user at the limit is answered full, and nothing is inserted or ended"],
    break: (inner) => ({ create: (record, call) => inner.create(record, without(call, "limit")) }),
  },
  {
    name: "the limit is one too low",
    caughtBy: ["limit refuse: a user one below the limit gets in"],
    break: (inner) => ({
      create: (record, { limit, ...call }) =>
        inner.create(record, limit ? { ...call, limit: { ...limit, max: limit.max - 1 } } : call),
    }),
  },
  {
    name: "the limit is counted first and applied later",
    caughtBy: [
      "limit refuse: of 50 parallel logins exactly as many get in as there is room for",
      "limit evict-oldest: after 50 parallel logins exactly the limit is left, and each end was told once",
    ],
    break: (inner) => ({
      async create(record, { limit, ...call }) {
        const others = await liveOf(inner, record, { ...call, ...(limit && { limit }) });
        await elsewhere();
        if (!limit || others.length < limit.max) return inner.create(record, call);
        if (limit.over === "refuse") return { ok: false, reason: "full" };
        for (const { id } of others.slice(limit.max - 1)) await inner.delete(id, "limit", call);
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "the limit counts the replaced session",
    caughtBy: ["limit: the session that is replaced is not counted"],
    break: (inner) => ({
      async create(record, call) {
        if (call.limit && record.userId !== null && call.replaces) {
          const result = await inner.create(record, without(call, "replaces"));
          if (!result.ok) return result;
        }
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "the limit counts a create's own retry",
    caughtBy: ["limit: the retry of a create that was applied does not count itself"],
    break: (inner) => ({
      async create(record, call) {
        const others = record.userId === null ? [] : await liveOf(inner, record, call);
        if (call.limit && others.length >= call.limit.max) {
          if (call.limit.over === "refuse") return { ok: false, reason: "full" };
          for (const { id } of others.slice(call.limit.max - 1)) await inner.delete(id, "limit", call);
        }
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "the limit counts everybody's sessions",
    caughtBy: ["limit: sessions that ended, other users' and visitors' are not counted"],
    break(inner) {
      const all = new Map<string, SessionRecord>();
      return {
        async create(record, call) {
          const live = [...all.values()].filter(({ idleUntil }) => call.now < idleUntil);
          if (call.limit?.over === "refuse" && live.length >= call.limit.max && !all.has(record.id)) {
            return { ok: false, reason: "full" };
          }
          all.set(record.id, record);
          return inner.create(record, call);
        },
      };
    },
  },
  {
    name: "the limit counts expired sessions",
    caughtBy: ["limit: expired sessions are not counted and end on the way"],
    break: (inner) => ({
      async create(record, call) {
        const others =
          record.userId === null ? [] : await liveOf(inner, record, { ...call, now: record.createdAt });
        if (call.limit?.over === "refuse" && others.length >= call.limit.max) {
          if (!others.some(({ id }) => id === record.id)) return { ok: false, reason: "full" };
        }
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "the limit ends the newest",
    caughtBy: ["limit evict-oldest: the oldest by createdAt ends with reason limit, whoever was seen last"],
    break: (inner) => ({
      async create(record, { limit, ...call }) {
        const [newest, ...others] = limit ? await liveOf(inner, record, { ...call, limit }) : [];
        if (limit?.over === "evict-oldest" && newest && others.length + 1 >= limit.max) {
          await inner.delete(newest.id, "limit", call);
          return inner.create(record, call);
        }
        return inner.create(record, { ...call, ...(limit && { limit }) });
      },
    }),
  },
  {
    name: "the limit ends one session at most",
    caughtBy: ["limit evict-oldest: a limit that was lowered ends as many as it takes"],
    break: (inner) => ({
      async create(record, { limit, ...call }) {
        const others = limit ? await liveOf(inner, record, { ...call, limit }) : [];
        const max = Math.max(limit?.max ?? 0, others.length);
        return inner.create(record, { ...call, ...(limit && { limit: { ...limit, max } }) });
      },
    }),
  },
  {
    name: "the limit applies to visitors",
    caughtBy: ["limit: does not apply to visitors"],
    break(inner) {
      let visitors = 0;
      return {
        async create(record, call) {
          if (record.userId === null && call.limit?.over === "refuse" && visitors >= call.limit.max) {
            return { ok: false, reason: "full" };
          }
          if (record.userId === null) visitors += 1;
          return inner.create(record, call);
        },
      };
    },
  },
  {
    name: "the limit is looked at before the conflict",
    caughtBy: ["limit: a conflict on the replaced session is answered before the limit is looked at"],
    break: (inner) => ({
      async create(record, call) {
        const others = await liveOf(inner, record, call);
        const isFull = call.limit !== undefined && others.length >= call.limit.max;
        if (isFull && call.limit.over === "refuse") return { ok: false, reason: "full" };
        if (isFull) for (const { id } of others) await inner.delete(id, "limit", call);
        return inner.create(record, call);
      },
    }),
  },
];
