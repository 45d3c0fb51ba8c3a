// Broken listings and sweeps.
import { headerOf, type SessionHeader } from "../../../src/core/record.ts";
import { type SessionStore, TOMBSTONE_MS } from "../../../src/stores/contract.ts";
import type { Mutant } from "./mutant.ts";

const EVERYTHING = 100_000;

/** A listing of pages by position, over all live sessions as `order` puts them. */
function paged(
  inner: SessionStore,
  order: (sessions: readonly SessionHeader[]) => readonly SessionHeader[],
): Pick<SessionStore, "listByUser"> {
  return {
    async listByUser(userId, call) {
      const { now, limit, after } = call;
      const all = order((await inner.listByUser(userId, { now, limit: EVERYTHING })).sessions);
      const from = Number(after ?? 0);
      const sessions = all.slice(from, from + limit);
      return { sessions, after: from + limit < all.length ? String(from + limit) : null };
    },
  };
}

export const listingMutants: readonly Mutant[] = [
  {
    name: "listings show the credentials",
    caughtBy: ["list: shows the header of each live session, without credentials and data"],
    break: (inner) => ({
      async listByUser(userId, call) {
        const { sessions, after } = await inner.listByUser(userId, call);
        return { sessions: sessions.map((header) => ({ ...header, credentials: "hashes" })), after };
      },
    }),
  },
  {
    name: "a name that is unknown lists the visitors",
    caughtBy: ["list: nobody's is empty"],
    break(inner) {
      const visitors: SessionHeader[] = [];
      return {
        async create(record, call) {
          if (record.userId === null) visitors.push(record);
          return inner.create(record, call);
        },
        async listByUser(userId, call) {
          return userId === "null" ? { sessions: visitors, after: null } : inner.listByUser(userId, call);
        },
      };
    },
  },
  {
    name: "listings go oldest first",
    caughtBy: ["list: newest first, in pages of any size, each session once"],
    break: (inner) => paged(inner, (all) => all.toReversed()),
  },
  {
    name: "listings are paged by position",
    caughtBy: ["list: a page goes on past sessions that came meanwhile"],
    break: (inner) => paged(inner, (all) => all),
  },
  {
    name: "listings have no order within a millisecond",
    caughtBy: ["list: sessions of one millisecond keep one order, whatever the size of the page"],
    break(inner) {
      let isOdd = false;
      return {
        async listByUser(userId, call) {
          const page = await inner.listByUser(userId, call);
          isOdd = !isOdd;
          return isOdd ? page : { ...page, sessions: page.sessions.toReversed() };
        },
      };
    },
  },
  {
    name: "a page has one session less than it may",
    caughtBy: ["list: a page is full while there are more, and the last one says so"],
    break: (inner) => ({
      listByUser: (userId, call) => inner.listByUser(userId, { ...call, limit: Math.max(1, call.limit - 1) }),
    }),
  },
  {
    name: "a full page always promises more",
    caughtBy: ["list: a page is full while there are more, and the last one says so"],
    break: (inner) => ({
      async listByUser(userId, call) {
        const page = await inner.listByUser(userId, call);
        const last = page.sessions.at(-1);
        const isFull = last !== undefined && page.sessions.length === call.limit;
        return { ...page, after: isFull ? `${last.createdAt} ${last.id}` : page.after };
      },
    }),
  },
  {
    name: "pages go on after the time of the last session only",
    caughtBy: ["list: a page goes on where the last one ended, also when that session has ended meanwhile"],
    break: (inner) => ({
      async listByUser(userId, call) {
        const after = call.after === undefined ? {} : { after: `${Number.parseInt(call.after, 10)} ~` };
        return inner.listByUser(userId, { ...call, ...after });
      },
    }),
  },
  {
    name: "listings end after a thousand",
    caughtBy: ["list: every session of thousands is found once"],
    break(inner) {
      let shown = 0;
      return {
        async listByUser(userId, call) {
          if (call.after === undefined) shown = 0;
          const page = await inner.listByUser(userId, call);
          shown += page.sessions.length;
          return shown < 1000 ? page : { ...page, after: null };
        },
      };
    },
  },
  {
    name: "listings show what has ended",
    caughtBy: ["tombstone: is never listed, counted or ended again"],
    break(inner) {
      const all = new Map<string, SessionHeader>();
      return {
        async create(record, call) {
          if (record.userId === "ada") all.set(record.id, headerOf(record));
          return inner.create(record, call);
        },
        listByUser: async () => ({ sessions: [...all.values()], after: null }),
      };
    },
  },
  {
    name: "sweep ends nothing",
    caughtBy: [
      "sweep: ends expired sessions with the deadline they met, tells of each, and touches no live one",
    ],
    break: () => ({ sweep: async () => ({ removed: 0, more: false }) }),
  },
  {
    name: "sweep ends what is about to expire",
    caughtBy: ["sweep: leaves a session alone one millisecond before its deadline"],
    break: (inner) => ({ sweep: (call) => inner.sweep({ ...call, now: call.now + 1 }) }),
  },
  {
    name: "sweep knows no limit",
    caughtBy: ["sweep: ends at most limit sessions and says whether there are more"],
    break: (inner) => ({ sweep: (call) => inner.sweep({ ...call, limit: EVERYTHING }) }),
  },
  {
    name: "sweep never says that there is more",
    caughtBy: ["sweep: ends at most limit sessions and says whether there are more"],
    break: (inner) => ({ sweep: async (call) => ({ ...(await inner.sweep(call)), more: false }) }),
  },
  {
    name: "sweep always says that there is more",
    caughtBy: ["sweep: an empty store and an idle one have nothing to do"],
    break: (inner) => ({ sweep: async (call) => ({ ...(await inner.sweep(call)), more: true }) }),
  },
  {
    name: "sweep goes by the deadline at creation",
    caughtBy: ["sweep: goes by the deadline as it was moved since"],
    break(inner) {
      const deadlines = new Map<string, number>();
      return {
        async create(record, call) {
          deadlines.set(record.id, record.idleUntil);
          return inner.create(record, call);
        },
        async sweep(call) {
          let removed = 0;
          for (const [id, deadline] of deadlines) {
            if (deadline > call.now) continue;
            deadlines.delete(id);
            if ((await inner.delete(id, "idle", { now: deadline - 1 })) === "deleted") removed += 1;
          }
          return { removed, more: false };
        },
      };
    },
  },
  {
    name: "sweep drops rows without a tombstone",
    caughtBy: ["sweep: what it ended is not brought back by a caller whose clock is behind"],
    break(inner) {
      const swept = new Set<string>();
      return {
        async sweep(call) {
          return inner.sweep({
            ...call,
            onEnded(session, reason) {
              swept.add(session.id);
              call.onEnded?.(session, reason);
            },
          });
        },
        load: async (id, call) => (swept.has(id) ? null : inner.load(id, call)),
        async create(record, call) {
          return swept.has(record.id) ? { ok: true } : inner.create(record, call);
        },
      };
    },
  },
  {
    name: "sweep answers its limit as removed",
    caughtBy: [
      "sweep: ends expired sessions with the deadline they met, tells of each, and touches no live one",
    ],
    break: (inner) => ({
      async sweep(call) {
        const { removed, more } = await inner.sweep(call);
        return { removed: removed > 0 ? call.limit : 0, more };
      },
    }),
  },
  {
    name: "sweep never forgets",
    caughtBy: ["sweep: forgets ends after ten minutes and revocations after fifteen, not before"],
    break(inner) {
      return { sweep: (call) => inner.sweep({ ...call, now: Math.min(call.now, 0) }) };
    },
  },
  {
    name: "sweep forgets too soon",
    caughtBy: ["sweep: forgets ends after ten minutes and revocations after fifteen, not before"],
    break: (inner) => ({ sweep: (call) => inner.sweep({ ...call, now: call.now + TOMBSTONE_MS }) }),
  },
];
