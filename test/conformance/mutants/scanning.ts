// Broken scans.
import type { SessionRecord } from "../../../src/core/record.ts";
import type { Scanned, SessionStore } from "../../../src/stores/contract.ts";
import type { Mutant } from "./mutant.ts";

type Scan = NonNullable<SessionStore["scan"]>;

const WHOLE = "scan: shows every live session whole, of users and of visitors, in pages of any size";
const LIVE = "scan: leaves out what has ended and what has expired, and ends nothing";
const MEANWHILE = "scan: what is live all the while is shown, whatever comes and ends between the pages";
const THOUSANDS = "scan: finds every session of thousands";
const EMPTY = "scan: an empty store has nothing, and what is no cursor is refused as corrupt";

function scanOf(inner: SessionStore): Scan {
  if (!inner.scan) throw new Error("no scan");
  return inner.scan.bind(inner);
}

/** What `change` makes of each page. */
function changed(inner: SessionStore, change: (page: Scanned) => Scanned): Pick<SessionStore, "scan"> {
  return { scan: async (call) => change(await scanOf(inner)(call)) };
}

export const scanningMutants: readonly Mutant[] = [
  {
    name: "scans show no visitors",
    caughtBy: [WHOLE],
    break: (inner) =>
      changed(inner, (page) => ({
        ...page,
        sessions: page.sessions.filter(({ userId }) => userId !== null),
      })),
  },
  {
    name: "scans show the data as it was at first",
    caughtBy: [WHOLE],
    break(inner) {
      const first = new Map<string, SessionRecord>();
      return {
        async create(record, call) {
          first.set(record.id, record);
          return inner.create(record, call);
        },
        ...changed(inner, (page) => ({
          ...page,
          sessions: page.sessions.map((session) => first.get(session.id) ?? session),
        })),
      };
    },
  },
  {
    name: "scans show what has ended",
    caughtBy: [LIVE],
    break(inner) {
      const all: SessionRecord[] = [];
      return {
        async create(record, call) {
          all.push(record);
          return inner.create(record, call);
        },
        scan: async () => ({ sessions: all, damaged: 0, after: null }),
      };
    },
  },
  {
    name: "scans end what has expired",
    caughtBy: [LIVE],
    break: (inner) => ({
      async scan(call) {
        await inner.sweep({ now: call.now, limit: 100 });
        return scanOf(inner)(call);
      },
    }),
  },
  {
    name: "scans are paged by position",
    caughtBy: [MEANWHILE],
    break(inner) {
      return {
        async scan(call) {
          const { sessions } = await scanOf(inner)({ now: call.now, limit: 100_000 });
          const from = Number(call.after ?? 0);
          const after = from + call.limit < sessions.length ? String(from + call.limit) : null;
          return { sessions: sessions.slice(from, from + call.limit), damaged: 0, after };
        },
      };
    },
  },
  {
    name: "scans end after a thousand",
    caughtBy: [THOUSANDS],
    break(inner) {
      let shown = 0;
      return changed(inner, (page) => {
        shown += page.sessions.length;
        return shown < 1000 ? page : { ...page, after: null };
      });
    },
  },
  {
    name: "scans take any cursor for the beginning",
    caughtBy: [EMPTY],
    break: (inner) => ({ scan: ({ now, limit }) => scanOf(inner)({ now, limit }) }),
  },
];
