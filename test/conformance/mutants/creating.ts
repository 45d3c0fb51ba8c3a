// Broken creates, replacements and limits.
import type { SessionRecord } from "../../../src/core/record.ts";
import type { CreateOptions, SessionStore } from "../../../src/stores/contract.ts";
import { elsewhere, type Mutant, revival } from "./mutant.ts";

async function liveOf(store: SessionStore, record: SessionRecord, call: CreateOptions) {
  const { sessions } = await store.listByUser(record.userId ?? "", { now: call.now, limit: 100 });
  return sessions.filter(({ id }) => id !== call.replaces?.id);
}

/** `create` that goes on regardless when it is refused for this reason. */
function regardless(
  inner: SessionStore,
  ignored: string,
  without: (call: CreateOptions) => CreateOptions,
): Pick<SessionStore, "create"> {
  return {
    async create(record, call) {
      const result = await inner.create(record, call);
      return !result.ok && result.reason === ignored ? inner.create(record, without(call)) : result;
    },
  };
}

export const creatingMutants: readonly Mutant[] = [
  {
    name: "create mixes up users and visitors",
    caughtBy: ["create: a visitor's session is loaded as it was given"],
    break: (inner) => ({
      create: (record, call) => inner.create({ ...record, userId: record.userId ?? "" }, call),
    }),
  },
  {
    name: "create keeps no label",
    caughtBy: ["create: a user's session is loaded as it was given"],
    break: (inner) => ({ create: (record, call) => inner.create({ ...record, label: null }, call) }),
  },
  {
    name: "load answers any session for an unknown id",
    caughtBy: ["create: an id that nobody has is absent"],
    break(inner) {
      let last: SessionRecord | null = null;
      return {
        async create(record, call) {
          last = record;
          return inner.create(record, call);
        },
        load: async (id, call) => (await inner.load(id, call)) ?? last,
      };
    },
  },
  {
    name: "a repeated create is a collision",
    caughtBy: ["create: repeated with the same version it is answered ok and changes nothing"],
    break: (inner) => ({
      async create(record, call) {
        const found = await inner.load(record.id, call);
        return found && !("ended" in found) ? { ok: false, reason: "collision" } : inner.create(record, call);
      },
    }),
  },
  {
    name: "create overwrites",
    caughtBy: ["create: an id in use under another version is a collision, and its session is untouched"],
    break(inner) {
      const { revived, load } = revival(inner);
      return {
        load,
        async create(record, call) {
          const result = await inner.create(record, call);
          if (result.ok || result.reason !== "collision") return result;
          revived.set(record.id, record);
          return { ok: true };
        },
      };
    },
  },
  {
    name: "a repeated create inserts again",
    caughtBy: ["create: repeated with the same version it is answered ok and changes nothing"],
    break(inner) {
      const { revived, load } = revival(inner);
      return {
        load,
        async create(record, call) {
          const found = await inner.load(record.id, call);
          const result = await inner.create(record, call);
          if (result.ok && found) revived.set(record.id, record);
          return result;
        },
      };
    },
  },
  {
    name: "create looks first and inserts later",
    caughtBy: ["create: of 20 sessions racing for one id one gets in, the others collide"],
    break(inner) {
      const { revived, load } = revival(inner);
      return {
        load,
        async create(record, call) {
          const found = await load(record.id, call);
          await elsewhere();
          const result = await inner.create(record, call);
          if (result.ok || result.reason !== "collision" || found) return result;
          revived.set(record.id, record);
          return { ok: true };
        },
      };
    },
  },
  {
    name: "create brings an ended id back",
    caughtBy: [
      "create: the id of a session that ended is refused as ended, also to its own retry",
      "create: a retry that comes after the session's deadline is refused as ended",
    ],
    break(inner) {
      const { revived, load } = revival(inner);
      return {
        load,
        async create(record, call) {
          const result = await inner.create(record, call);
          if (result.ok || result.reason !== "ended") return result;
          revived.set(record.id, record);
          return { ok: true };
        },
      };
    },
  },
  {
    name: "an id is never free again",
    caughtBy: ["create: an id is free again ten minutes after its end"],
    break(inner) {
      const ended = new Set<string>();
      return {
        async create(record, call) {
          return ended.has(record.id) ? { ok: false, reason: "ended" } : inner.create(record, call);
        },
        async delete(id, reason, call) {
          ended.add(id);
          return inner.delete(id, reason, call);
        },
      };
    },
  },
  {
    name: "create ends the user's other sessions",
    caughtBy: ["create: ends nobody and tells nobody when there is nothing to end"],
    break: (inner) => ({
      async create(record, call) {
        for (const { id } of await liveOf(inner, record, call)) {
          if (!call.limit) await inner.delete(id, "replaced", call);
        }
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "the replaced session stays",
    caughtBy: ["replaces: the old session ends as replaced in the same step, and is told of once"],
    break: (inner) => ({
      create(record, { replaces: _, ...call }) {
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "the replaced session ends as logged out",
    caughtBy: ["replaces: the old session ends as replaced in the same step, and is told of once"],
    break: (inner) => ({
      async create(record, { replaces, ...call }) {
        if (replaces) await inner.delete(replaces.id, "logged-out", { ...call, expected: replaces.version });
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "the replaced session ends whatever its version",
    caughtBy: [
      "replaces: a session written to meanwhile is a conflict that carries it; nothing ends, nothing is inserted",
    ],
    break: (inner) => regardless(inner, "conflict", ({ replaces: _, ...call }) => call),
  },
  {
    name: "the replaced session ends before the conflict is seen",
    caughtBy: [
      "replaces: a session written to meanwhile is a conflict that carries it; nothing ends, nothing is inserted",
    ],
    break: (inner) => ({
      async create(record, call) {
        const result = await inner.create(record, call);
        if (!result.ok && result.reason === "conflict")
          await inner.delete(result.current.id, "replaced", call);
        return result;
      },
    }),
  },
  {
    name: "a touch makes the replaced session a conflict",
    caughtBy: ["replaces: a touch meanwhile is no conflict"],
    break(inner) {
      const touched = new Set<string>();
      return {
        async touch(id, until, call) {
          touched.add(id);
          return inner.touch(id, until, call);
        },
        async create(record, call) {
          const found =
            call.replaces && touched.has(call.replaces.id) && (await inner.load(call.replaces.id, call));
          if (found && !("ended" in found)) return { ok: false, reason: "conflict", current: found };
          return inner.create(record, call);
        },
      };
    },
  },
  {
    name: "a replaced session that is absent is a refusal",
    caughtBy: [
      "replaces: a session that is absent, ended or expired is no hindrance and keeps the reason it ended for",
    ],
    break: (inner) => ({
      async create(record, call) {
        const found = call.replaces && (await inner.load(call.replaces.id, call));
        if (call.replaces && (!found || "ended" in found)) return { ok: false, reason: "ended" };
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "anybody's session can be replaced",
    caughtBy: ["replaces: never ends another user's session or a visitor's"],
    break: (inner) => ({
      async create(record, call) {
        const { replaces } = call;
        const result = await inner.create(record, call);
        if (result.ok && replaces) await inner.delete(replaces.id, "replaced", call);
        return result;
      },
    }),
  },
  {
    name: "replacing tells of each end once per login",
    caughtBy: ["replaces: of 20 parallel logins that replace one session exactly one ends it"],
    break: (inner) => ({
      async create(record, call) {
        const found = call.replaces && (await inner.load(call.replaces.id, call));
        await elsewhere();
        const result = await inner.create(record, { ...call, onEnded: () => {} });
        if (found && !("ended" in found)) call.onEnded?.(found, "replaced");
        return result;
      },
    }),
  },
  {
    name: "a retry tells again of what it replaced",
    caughtBy: ["replaces: a retry of a create that replaced is answered ok and tells of nothing more"],
    break(inner) {
      const told = new Map<string, Parameters<NonNullable<CreateOptions["onEnded"]>>>();
      return {
        async create(record, call) {
          const again = told.get(record.id);
          if (again) call.onEnded?.(...again);
          const onEnded = (...end: Parameters<NonNullable<CreateOptions["onEnded"]>>): void => {
            told.set(record.id, end);
            call.onEnded?.(...end);
          };
          return inner.create(record, { ...call, onEnded });
        },
      };
    },
  },
  {
    name: "no limit",
    caughtBy: ["limit refuse: a user at the limit is answered full, and nothing is inserted or ended"],
    break: (inner) => ({ create: (record, { limit: _, ...call }) => inner.create(record, call) }),
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
        const { limit, replaces: _, ...rest } = call;
        if (limit && record.userId !== null && call.replaces) {
          const result = await inner.create(record, { ...rest, limit });
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
