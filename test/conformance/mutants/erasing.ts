// Broken erasures.
import type { SessionStore } from "../../../src/stores/contract.ts";
import { elsewhere, type Mutant, revival } from "./mutant.ts";

const FOREVER = Number.MAX_SAFE_INTEGER;

/** An `erase` of a list and single deletes, without a mark. */
function oneByOne(inner: SessionStore, most = FOREVER): SessionStore["erase"] {
  return async (userId, call) => {
    const { sessions } = await inner.listByUser(userId, { ...call, limit: FOREVER });
    let count = 0;
    for (const { id } of sessions.slice(0, most)) {
      if ((await inner.delete(id, "revoked", call)) === "deleted") count += 1;
    }
    return count;
  };
}

export const erasingMutants: readonly Mutant[] = [
  {
    name: "erase leaves the newest session",
    caughtBy: ["erase: ends all sessions of the user as revoked, tells of each once, and answers how many"],
    break: (inner) => ({
      async erase(userId, call) {
        const { sessions } = await inner.listByUser(userId, { ...call, limit: 1 });
        return inner.deleteByUser(userId, { ...call, except: sessions[0]?.id ?? "" });
      },
    }),
  },
  {
    name: "erase tells nobody",
    caughtBy: ["erase: ends all sessions of the user as revoked, tells of each once, and answers how many"],
    break: (inner) => ({ erase: (userId, { now }) => inner.erase(userId, { now }) }),
  },
  {
    name: "erase removes the tombstones too",
    caughtBy: [
      "erase: ends all sessions of the user as revoked, tells of each once, and answers how many",
      "erase: what it ended is not brought back by a save, a touch or a create, and tells of nobody",
    ],
    break(inner) {
      const erased = new Set<string>();
      return {
        async erase(userId, call) {
          const { sessions } = await inner.listByUser(userId, { ...call, limit: FOREVER });
          for (const { id } of sessions) erased.add(id);
          return inner.erase(userId, call);
        },
        load: async (id, call) => (erased.has(id) ? null : inner.load(id, call)),
        create: async (record, call) => (erased.has(record.id) ? { ok: true } : inner.create(record, call)),
      };
    },
  },
  {
    name: "erase takes users of similar names along",
    caughtBy: ["erase: leaves other users, their marks and visitors alone"],
    break: (inner) => ({
      async erase(userId, call) {
        await inner.erase(userId.toUpperCase().slice(0, 1) + userId.slice(1), call);
        return inner.erase(userId, call);
      },
    }),
  },
  {
    name: "erase forgets all marks",
    caughtBy: ["erase: leaves other users, their marks and visitors alone"],
    break(inner) {
      let isErased = false;
      return {
        async erase(userId, call) {
          isErased = true;
          return inner.erase(userId, call);
        },
        revocation: async (userId, call) => (isErased ? "" : inner.revocation(userId, call)),
      };
    },
  },
  {
    name: "erase counts the expired",
    caughtBy: ["erase: an expired session ends as such, and is not counted"],
    break: (inner) => ({
      async erase(userId, call) {
        let count = 0;
        await inner.erase(userId, {
          ...call,
          onEnded(session, reason) {
            count += 1;
            call.onEnded?.(session, reason);
          },
        });
        return count;
      },
    }),
  },
  {
    name: "erase ends the expired as revoked",
    caughtBy: ["erase: an expired session ends as such, and is not counted"],
    break: (inner) => ({
      erase: (userId, call) =>
        inner.erase(userId, { ...call, onEnded: (session) => call.onEnded?.(session, "revoked") }),
    }),
  },
  {
    name: "erase works once",
    caughtBy: ["erase: repeated it ends only what came since, and tells of nothing else"],
    break(inner) {
      const erased = new Set<string>();
      return {
        async erase(userId, call) {
          if (erased.has(userId)) return 0;
          erased.add(userId);
          return inner.erase(userId, call);
        },
      };
    },
  },
  {
    name: "erase sets no mark",
    caughtBy: [
      "erase: keeps out for fifteen minutes a login that began before it, and none that began after",
      "erase: refuses a login with a token from before it, also of another revocation, and takes the one it makes",
    ],
    break: (inner) => ({ erase: oneByOne(inner) }),
  },
  {
    name: "an erased user never gets in again",
    caughtBy: [
      "erase: keeps out for fifteen minutes a login that began before it, and none that began after",
    ],
    break(inner) {
      const erased = new Set<string | null>();
      return {
        async erase(userId, call) {
          erased.add(userId);
          return inner.erase(userId, call);
        },
        async create(record, call) {
          return erased.has(record.userId) ? { ok: false, reason: "revoked" } : inner.create(record, call);
        },
      };
    },
  },
  {
    name: "erase makes a mark of its own time only",
    caughtBy: ["erase: from a clock that is behind it does not move the mark back"],
    break(inner) {
      const erasedAt = new Map<string | null, number>();
      return {
        async erase(userId, call) {
          erasedAt.set(userId, call.now);
          return inner.erase(userId, call);
        },
        async create(record, call) {
          const at = erasedAt.get(record.userId);
          const isAfter = at !== undefined && "startedAt" in call.since && call.since.startedAt > at;
          return inner.create(record, isAfter ? { ...call, since: { startedAt: FOREVER } } : call);
        },
      };
    },
  },
  {
    name: "erase lists, ends, and marks last",
    caughtBy: ["erase: no login begun before it survives it, however they race"],
    break: (inner) => ({
      async erase(userId, call) {
        await elsewhere();
        const count = await oneByOne(inner)(userId, call);
        return count;
      },
      async create(record, call) {
        await elsewhere();
        await elsewhere();
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "erase counts what others ended",
    caughtBy: ["erase: wins over saves and touches racing with it, and each end is told once"],
    break: (inner) => ({
      async erase(userId, call) {
        const { sessions } = await inner.listByUser(userId, { ...call, limit: FOREVER });
        await elsewhere();
        await inner.erase(userId, call);
        return sessions.length;
      },
    }),
  },
  {
    name: "a save brings an erased session back",
    caughtBy: [
      "erase: what it ended is not brought back by a save, a touch or a create, and tells of nobody",
    ],
    break(inner) {
      const { revived, load } = revival(inner);
      return {
        load,
        async save(record, expected, call) {
          const result = await inner.save(record, expected, call);
          if (result !== "gone") return result;
          revived.set(record.id, record);
          return "saved";
        },
      };
    },
  },
  {
    name: "a tombstone names its user",
    caughtBy: [
      "erase: what it ended is not brought back by a save, a touch or a create, and tells of nobody",
    ],
    break(inner) {
      const owners = new Map<string, string | null>();
      return {
        async create(record, call) {
          owners.set(record.id, record.userId);
          return inner.create(record, call);
        },
        async load(id, call) {
          const found = await inner.load(id, call);
          return found && "ended" in found ? { ...found, userId: owners.get(id) } : found;
        },
      };
    },
  },
  {
    name: "erase stops after a thousand",
    caughtBy: ["erase: with thousands of sessions none is left, the count is right and others are untouched"],
    break: (inner) => ({ erase: oneByOne(inner, 1000) }),
  },
  {
    name: "erase trims user ids",
    caughtBy: ["hostile users: each is erased alone"],
    break: (inner) => ({ erase: (userId, call) => inner.erase(userId.trim(), call) }),
  },
];
