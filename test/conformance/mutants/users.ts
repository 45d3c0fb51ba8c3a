// Broken revocations and mixed-up users.
import type { SessionRecord } from "../../../src/core/record.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { elsewhere, type Mutant, without } from "./mutant.ts";

const FOREVER = Number.MAX_SAFE_INTEGER;

/** A `deleteByUser` of a list and single deletes, without a mark. */
function oneByOne(
  inner: SessionStore,
  select: (
    sessions: readonly { readonly id: string; readonly createdAt: number }[],
    now: number,
  ) => typeof sessions,
): Pick<SessionStore, "deleteByUser"> {
  return {
    async deleteByUser(userId, call) {
      await inner.deleteByUser("nobody", call);
      const { sessions } = await inner.listByUser(userId, { ...call, limit: FOREVER });
      let count = 0;
      for (const { id } of select(sessions, call.now)) {
        if (id !== call.except && (await inner.delete(id, "revoked", call)) === "deleted") count += 1;
      }
      return count;
    },
  };
}

/** A store of which only the records of `userId` as `name` makes it are seen. */
function named(inner: SessionStore, name: (userId: string) => string): Partial<SessionStore> {
  return {
    listByUser: (userId, call) => inner.listByUser(name(userId), call),
    deleteByUser: (userId, call) => inner.deleteByUser(name(userId), call),
    revocation: (userId, call) => inner.revocation(name(userId), call),
    create: (record, call) =>
      inner.create({ ...record, userId: record.userId === null ? null : name(record.userId) }, call),
  };
}

export const userMutants: readonly Mutant[] = [
  {
    name: "deleteByUser spares nobody",
    caughtBy: ["deleteByUser: spares the session named by except, and only that"],
    break: (inner) => ({
      deleteByUser: (userId, call) => inner.deleteByUser(userId, without(call, "except")),
    }),
  },
  {
    name: "deleteByUser spares one when told to spare a stranger",
    caughtBy: ["deleteByUser: spares the session named by except, and only that"],
    break: (inner) => ({
      async deleteByUser(userId, call) {
        const { sessions } = await inner.listByUser(userId, { ...call, limit: 1 });
        return inner.deleteByUser(userId, call.except ? { ...call, except: sessions[0]?.id ?? "" } : call);
      },
    }),
  },
  {
    name: "deleteByUser stops after a thousand",
    caughtBy: [
      "deleteByUser: with thousands of sessions none is left, the count is right and others are untouched",
    ],
    break: (inner) => oneByOne(inner, (sessions) => sessions.slice(0, 1000)),
  },
  {
    name: "deleteByUser spares what was created later by the clock",
    caughtBy: ["deleteByUser: ends also what a clock ahead of it created"],
    break: (inner) =>
      oneByOne(inner, (sessions, now) => sessions.filter(({ createdAt }) => createdAt <= now)),
  },
  {
    name: "deleteByUser lists, ends, and marks last",
    caughtBy: ["deleteByUser: no login begun before it survives it, however they race"],
    break: (inner) => ({
      async deleteByUser(userId, call) {
        const { sessions } = await inner.listByUser(userId, { ...call, limit: FOREVER });
        await elsewhere();
        for (const { id } of sessions) if (id !== call.except) await inner.delete(id, "revoked", call);
        return sessions.length;
      },
      async create(record, call) {
        await Promise.resolve();
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "deleteByUser counts what others ended",
    caughtBy: ["deleteByUser: wins over saves and touches racing with it, and each end is told once"],
    break: (inner) => ({
      async deleteByUser(userId, call) {
        const { sessions } = await inner.listByUser(userId, { ...call, limit: FOREVER });
        await elsewhere();
        await inner.deleteByUser(userId, call);
        return sessions.filter(({ id }) => id !== call.except).length;
      },
    }),
  },
  {
    name: "deleteByUser counts all it ever ended",
    caughtBy: ["deleteByUser: repeated it ends only what came since, and tells of nothing else"],
    break(inner) {
      let total = 0;
      return {
        async deleteByUser(userId, call) {
          total += await inner.deleteByUser(userId, call);
          return total;
        },
      };
    },
  },
  {
    name: "deleteByUser counts expired sessions",
    caughtBy: ["expiry: an expired session is neither listed nor counted as ended by deleteByUser"],
    break(inner) {
      const created = new Set<string>();
      return {
        async create(record, call) {
          if (record.userId === "ada") created.add(record.id);
          return inner.create(record, call);
        },
        deleteByUser: async (userId, call) => {
          await inner.deleteByUser(userId, call);
          return created.size;
        },
      };
    },
  },
  {
    name: "users are compared without case",
    caughtBy: ["deleteByUser: leaves other users and visitors alone"],
    break: (inner) => named(inner, (userId) => userId.toLowerCase()),
  },
  {
    name: "users are trimmed",
    caughtBy: ["mark: keeps out its own user only, and no visitor"],
    break: (inner) => named(inner, (userId) => userId.trim()),
  },
  {
    name: "users end at NUL",
    caughtBy: [
      "hostile users: each has sessions of their own, listed and ended apart from all others",
      "hostile users: each has a revocation mark of their own",
    ],
    break: (inner) => named(inner, (userId) => userId.split("\0")[0] ?? ""),
  },
  {
    name: "deleteAll spares visitors",
    caughtBy: ["deleteAll: ends every session there is as revoked"],
    break(inner) {
      const users = new Set<string>();
      return {
        async create(record, call) {
          if (record.userId !== null) users.add(record.userId);
          return inner.create(record, call);
        },
        async deleteAll(call) {
          for (const userId of users) await inner.deleteByUser(userId, call);
        },
      };
    },
  },
  {
    name: "deleteAll tells nobody",
    caughtBy: ["deleteAll: tells of each session once"],
    break: (inner) => ({ deleteAll: ({ onEnded: _nobody, ...call }) => inner.deleteAll(call) }),
  },
  {
    name: "deleteAll keeps out later logins",
    caughtBy: ["deleteAll: keeps out no later login, and an empty store does not mind"],
    break(inner) {
      let isOver = false;
      return {
        async deleteAll(call) {
          isOver = true;
          return inner.deleteAll(call);
        },
        async create(record, call) {
          return isOver ? { ok: false, reason: "revoked" } : inner.create(record, call);
        },
      };
    },
  },
  {
    name: "deleteAll drops the rows without a trace",
    caughtBy: ["deleteAll: what it ended is not brought back by a save, a touch or a create"],
    break(inner) {
      const dropped = new Set<string>();
      const known = new Set<string>();
      return {
        async create(record: SessionRecord, call) {
          if (dropped.has(record.id)) return { ok: true };
          known.add(record.id);
          return inner.create(record, call);
        },
        async deleteAll(call) {
          for (const id of known) dropped.add(id);
          return inner.deleteAll(call);
        },
      };
    },
  },
];
