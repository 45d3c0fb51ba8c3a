// Broken revocation marks.
import { REVOCATION_MS } from "../../../src/stores/contract.ts";
import type { Mutant } from "./mutant.ts";

const FOREVER = Number.MAX_SAFE_INTEGER;

export const markMutants: readonly Mutant[] = [
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
];
