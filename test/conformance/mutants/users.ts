// Broken revocations, marks and listings.
import type { SessionRecord } from "../../../src/core/record.ts";
import { REVOCATION_MS, type SessionStore } from "../../../src/stores/contract.ts";
import { elsewhere, type Mutant } from "./mutant.ts";

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
    name: "marks keep nobody out",
    caughtBy: [
      "mark: a login that began before a deleteByUser, or in its very millisecond, is refused as revoked",
    ],
    break: (inner) => ({
      create: (record, call) => inner.create(record, { ...call, since: { startedAt: FOREVER } }),
    }),
  },
  {
    name: "a login in the millisecond of the mark gets in",
    caughtBy: [
      "mark: a login that began before a deleteByUser, or in its very millisecond, is refused as revoked",
    ],
    break: (inner) => ({
      create(record, call) {
        const { since } = call;
        return inner.create(
          record,
          "startedAt" in since ? { ...call, since: { startedAt: since.startedAt + 1 } } : call,
        );
      },
    }),
  },
  {
    name: "marks keep everybody out while they live",
    caughtBy: ["mark: a login that began after it gets in"],
    break: (inner) => ({
      create: (record, call) => inner.create(record, { ...call, since: { startedAt: 0 } }),
    }),
  },
  {
    name: "tokens are compared by time",
    caughtBy: [
      "revocation: a login with a token from before a deleteByUser is refused, whatever the clocks say",
    ],
    break: (inner) => ({
      create: (record, call) => inner.create(record, { ...call, since: { startedAt: call.now } }),
    }),
  },
  {
    name: "marks keep out everybody else too",
    caughtBy: ["mark: keeps out its own user only, and no visitor"],
    break(inner) {
      let markedAt = -1;
      return {
        async deleteByUser(userId, call) {
          markedAt = call.now;
          return inner.deleteByUser(userId, call);
        },
        async create(record, call) {
          const isBefore = "startedAt" in call.since && call.since.startedAt <= markedAt;
          return isBefore ? { ok: false, reason: "revoked" } : inner.create(record, call);
        },
      };
    },
  },
  {
    name: "the replaced session ends before the mark is looked at",
    caughtBy: ["mark: is looked at before the replaced session and the limit, and a refusal ends nobody"],
    break: (inner) => ({
      async create(record, call) {
        const result = await inner.create(record, call);
        if (!result.ok && result.reason === "revoked" && call.replaces) {
          await inner.delete(call.replaces.id, "replaced", call);
        }
        return result;
      },
    }),
  },
  {
    name: "the mark is looked at before the own id",
    caughtBy: ["mark: a retry of a create that was applied is answered ok, since its own id comes first"],
    break(inner) {
      const marks = new Map<string | null, number>();
      return {
        async deleteByUser(userId, call) {
          marks.set(userId, call.now);
          return inner.deleteByUser(userId, call);
        },
        async create(record, call) {
          const at = marks.get(record.userId);
          const isBefore = at !== undefined && "startedAt" in call.since && call.since.startedAt <= at;
          return isBefore && call.now < at + REVOCATION_MS
            ? { ok: false, reason: "revoked" }
            : inner.create(record, call);
        },
      };
    },
  },
  {
    name: "a user without sessions gets no mark",
    caughtBy: ["mark: is set also when the user has no sessions"],
    break: (inner) => ({
      async deleteByUser(userId, call) {
        const { sessions } = await inner.listByUser(userId, { ...call, limit: 1 });
        return sessions.length === 0 ? 0 : inner.deleteByUser(userId, call);
      },
    }),
  },
  {
    name: "marks live fourteen minutes",
    caughtBy: ["mark: keeps out for fifteen minutes, to the millisecond"],
    break: (inner) => ({
      create: (record, call) => inner.create(record, { ...call, now: call.now + 60_000 }),
      revocation: (userId, call) => inner.revocation(userId, { ...call, now: call.now + 60_000 }),
    }),
  },
  {
    name: "marks never go",
    caughtBy: [
      "revocation: a new token with each deleteByUser, the same until then, and for fifteen minutes",
      "sweep: forgets ends after ten minutes and revocations after fifteen, not before",
    ],
    break(inner) {
      const tokens = new Map<string, string>();
      return {
        async deleteByUser(userId, call) {
          const count = await inner.deleteByUser(userId, call);
          tokens.set(userId, await inner.revocation(userId, call));
          return count;
        },
        revocation: async (userId) => tokens.get(userId) ?? "",
      };
    },
  },
  {
    name: "a late revocation moves the mark back",
    caughtBy: ["mark: a deleteByUser from a clock that is behind does not move it back"],
    break(inner) {
      const marks = new Map<string, number>();
      return {
        async deleteByUser(userId, call) {
          marks.set(userId, call.now);
          return inner.deleteByUser(userId, call);
        },
        create(record, call) {
          const at = marks.get(record.userId ?? "");
          const isAfter = at !== undefined && "startedAt" in call.since && call.since.startedAt > at;
          return inner.create(record, isAfter ? { ...call, since: { startedAt: FOREVER } } : call);
        },
      };
    },
  },
  {
    name: "one revocation token for all",
    caughtBy: [
      "revocation: empty for a user who never had sessions revoked, and for others than the one who had",
    ],
    break(inner) {
      let token = "";
      return {
        async deleteByUser(userId, call) {
          const count = await inner.deleteByUser(userId, call);
          token = await inner.revocation(userId, call);
          return count;
        },
        revocation: async () => token,
      };
    },
  },
  {
    name: "the revocation token is the time",
    caughtBy: ["revocation: a login with the token as it stands gets in, also in the very millisecond"],
    break(inner) {
      const times = new Map<string, number>();
      return {
        async deleteByUser(userId, call) {
          times.set(userId, call.now);
          return inner.deleteByUser(userId, call);
        },
        async revocation(userId, call) {
          return (await inner.revocation(userId, call)) && String(times.get(userId));
        },
      };
    },
  },
  {
    name: "a token without a mark is refused",
    caughtBy: ["revocation: a token whose mark was forgotten since then still lets its login in"],
    break: (inner) => ({
      async create(record, call) {
        const { since } = call;
        const token = await inner.revocation(record.userId ?? "", call);
        if ("revocation" in since && since.revocation !== token) return { ok: false, reason: "revoked" };
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "deleteByUser spares nobody",
    caughtBy: ["deleteByUser: spares the session named by except, and only that"],
    break: (inner) => ({
      deleteByUser: (userId, { except: _, ...call }) => inner.deleteByUser(userId, call),
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
    caughtBy: ["deleteAll: ends every session there is as revoked, and tells of each once"],
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
