/** The rules of the store and of what surrounds the core, each taken back once. Every one must be noticed. */
import type { SessionRecord } from "../../src/core/record.ts";
import type { Mutant } from "./mutant.ts";
import { repeatableRandom } from "./random.ts";

export const MUTANTS: readonly Mutant[] = [
  {
    name: "save brings a row into being",
    caughtBy: ["logoutVsAll"],
    store(store) {
      const { save } = store;
      store.save = (record, expected, call) => {
        const result = save.call(store, record, expected, call);
        if (result !== "gone") return result;
        store.rows.set(record.id, record);
        return "saved";
      };
    },
  },
  {
    name: "touch brings an ended session back",
    caughtBy: ["logoutVsTouch"],
    store(store) {
      const buried = new Map<string, SessionRecord>();
      const { end, touch } = store;
      store.end = (id, reason, call) => {
        const row = store.rows.get(id);
        if (row) buried.set(id, row);
        end.call(store, id, reason, call);
      };
      store.touch = (id, until, call) => {
        const row = buried.get(id);
        if (row) store.insert(row);
        return touch.call(store, id, until, call);
      };
    },
  },
  {
    name: "save does not compare versions",
    caughtBy: ["writers3", "renewVsAll"],
    store(store) {
      store.isAnother = (stored, expected, operation) => operation !== "save" && stored.version !== expected;
    },
  },
  {
    name: "delete does not compare versions",
    caughtBy: ["loginVsWriter"],
    store(store) {
      store.isAnother = (stored, expected, operation) =>
        operation !== "delete" && stored.version !== expected;
    },
  },
  {
    name: "create does not compare the version of what it replaces",
    caughtBy: ["reauthenticate"],
    store(store) {
      store.isAnother = (stored, expected, operation) =>
        operation !== "create" && stored.version !== expected;
    },
  },
  {
    name: "save takes the idle deadline as given",
    caughtBy: ["touchVsSlowClock"],
    store(store) {
      store.laterIdle = (_, given) => given;
    },
  },
  {
    name: "delete leaves the row",
    caughtBy: ["logoutVsAll", "revokeOne"],
    store(store) {
      store.delete = () => "deleted";
    },
  },
  {
    name: "create does not look for its own id",
    caughtBy: ["limit3refuse", "reauthenticateFault"],
    store(store) {
      store.knownAlready = () => null;
    },
  },
  {
    name: "create forgets tombstones",
    caughtBy: ["tombstone"],
    store(store) {
      store.knownAlready = (record) =>
        store.rows.get(record.id)?.version === record.version ? { ok: true } : null;
    },
  },
  {
    name: "create does not look at the user's mark",
    caughtBy: ["revokeVsLogin", "ticketVsRevoke"],
    store(store) {
      store.isRevoked = () => false;
    },
  },
  {
    name: "a ticket is compared by clocks",
    caughtBy: ["ticketVsRevoke"],
    store(store) {
      const { isRevoked } = store;
      store.isRevoked = (userId, since, now) =>
        !("revocation" in since) && isRevoked.call(store, userId, since, now);
    },
  },
  {
    name: "the revocation token is always the same",
    caughtBy: ["ticketVsRevoke"],
    store(store) {
      store.revocation = () => "";
    },
  },
  {
    name: "the limit is not looked at",
    caughtBy: ["limit3", "limit3refuse"],
    store(store) {
      store.makeRoom = () => true;
    },
  },
  {
    name: "the limit counts the session that is replaced",
    caughtBy: ["limitReplaced"],
    store(store) {
      const { makeRoom } = store;
      store.makeRoom = (record, limit, { now, since }) => makeRoom.call(store, record, limit, { now, since });
    },
  },
  {
    name: "the limit evicts one too many",
    caughtBy: ["limit3"],
    store(store) {
      const { makeRoom } = store;
      store.makeRoom = (record, limit, call) =>
        makeRoom.call(store, record, { ...limit, max: limit.max - 1 }, call);
    },
  },
  {
    name: "load tells of an expiry without ending the session",
    caughtBy: ["skewExpiry"],
    store(store) {
      store.load = (id, call) => {
        const row = store.rows.get(id);
        if (!row) return store.endOf(id, call.now);
        return row.idleUntil <= call.now ? { ended: "idle", at: call.now } : row;
      };
    },
  },
  {
    name: "load does not look at deadlines",
    caughtBy: ["touchVsSave"],
    store(store) {
      store.live = (id) => store.rows.get(id) ?? null;
    },
  },
  {
    name: "versions repeat in every process",
    caughtBy: ["writers3", "failover"],
    random(random) {
      const versions = repeatableRandom("the same in all");
      return (length) => (length === 12 ? versions(length) : random(length));
    },
  },
  { name: "the answer to a dead cookie clears it", caughtBy: ["deadAnswerClears"], clearsDead: true },
  { name: "the answer leaves before the commit", caughtBy: ["writersFault"], answersFirst: true },
  { name: "the driver repeats a doubtful save by itself", caughtBy: ["writersFault"], driverRepeats: true },
];
