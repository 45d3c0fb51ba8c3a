// Broken deadlines, ends and tombstones.
import { expiryReason, headerOf, type SessionHeader, type SessionRecord } from "../../../src/core/record.ts";
import type { EndReason } from "../../../src/errors.ts";
import type { CallOptions, SessionStore } from "../../../src/stores/contract.ts";
import { elsewhere, type Mutant, revival, without } from "./mutant.ts";

type OnEnded = (session: SessionHeader, reason: EndReason) => void;

/** Every operation that can end something, with its listener changed. */
function listening(inner: SessionStore, change: (onEnded: OnEnded) => OnEnded): Partial<SessionStore> {
  const changed = <C extends CallOptions>(call: C): C =>
    call.onEnded ? { ...call, onEnded: change(call.onEnded) } : call;
  return {
    load: (id, call) => inner.load(id, changed(call)),
    create: (record, call) => inner.create(record, changed(call)),
    save: (record, expected, call) => inner.save(record, expected, changed(call)),
    touch: (id, until, call) => inner.touch(id, until, changed(call)),
    delete: (id, reason, call) => inner.delete(id, reason, changed(call)),
    listByUser: (userId, call) => inner.listByUser(userId, changed(call)),
    deleteByUser: (userId, call) => inner.deleteByUser(userId, changed(call)),
    deleteAll: (call) => inner.deleteAll(changed(call)),
    sweep: (call) => inner.sweep(changed(call)),
  };
}

/** The same with the clock changed. */
function clocked(inner: SessionStore, shift: number): Partial<SessionStore> {
  const shifted = <C extends CallOptions>(call: C): C => ({ ...call, now: call.now + shift });
  return {
    load: (id, call) => inner.load(id, shifted(call)),
    save: (record, expected, call) => inner.save(record, expected, shifted(call)),
    sweep: (call) => inner.sweep(shifted(call)),
  };
}

export const endingMutants: readonly Mutant[] = [
  {
    name: "sessions die a millisecond late",
    caughtBy: [
      "expiry, idle before absolute: live one millisecond before the deadline, ended at it",
      "expiry, absolute before idle: live one millisecond before the deadline, ended at it",
      "expiry, both at once: live one millisecond before the deadline, ended at it",
    ],
    break: (inner) => clocked(inner, -1),
  },
  {
    name: "sessions die a millisecond early",
    caughtBy: [
      "expiry, idle before absolute: live one millisecond before the deadline, ended at it",
      "sweep: leaves a session alone one millisecond before its deadline",
    ],
    break: (inner) => clocked(inner, 1),
  },
  {
    name: "load answers an expired session and lets it be",
    caughtBy: ["expiry: what one caller saw expire stays ended for a caller whose clock is behind"],
    break(inner) {
      const known = new Map<string, SessionRecord>();
      return {
        async create(record, call) {
          known.set(record.id, record);
          return inner.create(record, call);
        },
        async touch(id, until, call) {
          const record = known.get(id);
          if (record) known.set(id, { ...record, idleUntil: Math.max(until, record.idleUntil) });
          return inner.touch(id, until, call);
        },
        async save(record, expected, call) {
          known.set(record.id, record);
          return inner.save(record, expected, call);
        },
        async load(id, call) {
          const record = known.get(id);
          const isDead = record && call.now >= Math.min(record.idleUntil, record.absoluteUntil);
          if (!isDead) return inner.load(id, call);
          return { ended: expiryReason(record, call.now), at: call.now };
        },
      };
    },
  },
  {
    name: "an expired session is answered as absent",
    caughtBy: ["expiry, both at once: live one millisecond before the deadline, ended at it"],
    break: (inner) => ({
      async load(id, call) {
        const found = await inner.load(id, call);
        return found && "ended" in found && /idle|absolute/.test(found.ended) ? null : found;
      },
    }),
  },
  {
    name: "every expiry is an idle one",
    caughtBy: [
      "expiry, absolute before idle: live one millisecond before the deadline, ended at it",
      "expiry: a session that waited past both deadlines ended by the absolute one",
      "delete: every reason is remembered as it was given",
    ],
    break: (inner) => ({
      async load(id, call) {
        const found = await inner.load(id, call);
        return found && "ended" in found && found.ended === "absolute" ? { ...found, ended: "idle" } : found;
      },
    }),
  },
  {
    name: "an expiry is dated to the deadline of the row's creation",
    caughtBy: [
      "expiry: a deadline that was moved by a touch or a save counts from then on, the old one no more",
    ],
    break(inner) {
      const deadlines = new Map<string, number>();
      return {
        async create(record, call) {
          deadlines.set(record.id, Math.min(record.idleUntil, record.absoluteUntil));
          return inner.create(record, call);
        },
        async load(id, call) {
          const deadline = deadlines.get(id);
          if (deadline !== undefined && call.now >= deadline)
            await inner.delete(id, "idle", { now: deadline });
          return inner.load(id, call);
        },
      };
    },
  },
  {
    name: "any load ends what has another clock",
    caughtBy: ["expiry: a caller whose clock is behind does not end a live session"],
    break: (inner) => ({
      async load(id, call) {
        const found = await inner.load(id, call);
        if (found && !("ended" in found) && call.now < found.createdAt) await inner.delete(id, "idle", call);
        return found;
      },
    }),
  },
  {
    name: "nobody is told",
    caughtBy: [
      "expiry: the load that finds a session expired ends it, tells of it, and later loads do not",
      "delete: ends the session and tells of it once, with its header and the reason",
      "deleteByUser: ends all sessions of the user as revoked, tells of each once, and answers how many",
    ],
    break: (inner) => listening(inner, () => () => {}),
  },
  {
    name: "everybody is told twice",
    caughtBy: [
      "delete: ends the session and tells of it once, with its header and the reason",
      "sweep: sweeps in parallel end each session once",
    ],
    break: (inner) =>
      listening(inner, (onEnded) => (session, reason) => {
        onEnded(session, reason);
        onEnded(session, reason);
      }),
  },
  {
    name: "listeners are shown the credentials",
    caughtBy: ["delete: ends the session and tells of it once, with its header and the reason"],
    break: (inner) =>
      listening(inner, (onEnded) => (session, reason) => {
        onEnded(Object.assign({ credentials: "hashes" }, session), reason);
      }),
  },
  {
    name: "parallel loads each tell of the expiry they saw",
    caughtBy: ["expiry: of 20 parallel loads that find a session expired one tells of it"],
    break(inner) {
      const known = new Map<string, SessionRecord>();
      return {
        async create(record, call) {
          known.set(record.id, record);
          return inner.create(record, call);
        },
        async load(id, call) {
          const record = known.get(id);
          await elsewhere();
          const found = await inner.load(id, { ...call, onEnded: () => {} });
          if (found && "ended" in found && record) {
            call.onEnded?.(headerOf(record), found.ended);
          }
          return found;
        },
      };
    },
  },
  {
    name: "delete leaves no tombstone",
    caughtBy: ["tombstone: the end is told for ten minutes, and absent from then on"],
    break: (inner) => ({
      async load(id, call) {
        const found = await inner.load(id, call);
        return found && "ended" in found && !/idle|absolute/.test(found.ended) ? null : found;
      },
    }),
  },
  {
    name: "delete works only when somebody listens",
    caughtBy: ["delete: works the same when nobody listens"],
    break: (inner) => ({
      delete: async (id, reason, call) => (call.onEnded ? inner.delete(id, reason, call) : "deleted"),
    }),
  },
  {
    name: "every end is a logout",
    caughtBy: ["touch: a session that ended is answered false and is not brought back"],
    break: (inner) => ({ delete: (id, _, call) => inner.delete(id, "logged-out", call) }),
  },
  {
    name: "the last reason counts",
    caughtBy: ["expiry: delete answers gone for an expired session, which keeps expiry as its reason"],
    break(inner) {
      const reasons = new Map<string, EndReason>();
      return {
        async delete(id, reason, call) {
          reasons.set(id, reason);
          return inner.delete(id, reason, call);
        },
        async load(id, call) {
          const found = await inner.load(id, call);
          return found && "ended" in found ? { ...found, ended: reasons.get(id) ?? found.ended } : found;
        },
      };
    },
  },
  {
    name: "delete is always answered deleted",
    caughtBy: [
      "delete: repeated it is gone, and neither the reason nor the time of the end changes",
      "delete: an absent session is gone and leaves no trace",
    ],
    break: (inner) => ({
      async delete(id, reason, call) {
        const result = await inner.delete(id, reason, call);
        return result === "gone" ? "deleted" : result;
      },
    }),
  },
  {
    name: "delete leaves a tombstone for anything",
    caughtBy: ["delete: an absent session is gone and leaves no trace"],
    break(inner) {
      const asked = new Map<string, number>();
      return {
        async delete(id, reason, call) {
          asked.set(id, call.now);
          return inner.delete(id, reason, call);
        },
        async load(id, call) {
          const at = asked.get(id);
          return (await inner.load(id, call)) ?? (at === undefined ? null : { ended: "revoked", at });
        },
      };
    },
  },
  {
    name: "delete takes no version",
    caughtBy: [
      "delete: with another version it is a conflict that carries what is stored, and ends nothing",
      "delete: with another version it is a conflict, also when nobody listens",
    ],
    break: (inner) => ({
      delete: (id, reason, call) => inner.delete(id, reason, without(call, "expected")),
    }),
  },
  {
    name: "delete with a version never matches",
    caughtBy: ["delete: with the version that is stored it ends the session"],
    break: (inner) => ({
      delete: (id, reason, call) =>
        inner.delete(id, reason, call.expected ? { ...call, expected: `${call.expected}!` } : call),
    }),
  },
  {
    name: "delete looks first and ends later",
    caughtBy: ["delete: of 20 parallel deletes one is answered deleted and tells of it"],
    break: (inner) => ({
      async delete(id, reason, call) {
        const found = await inner.load(id, call);
        await elsewhere();
        const result = await inner.delete(id, reason, call);
        return found && !("ended" in found) && result === "gone" ? "deleted" : result;
      },
    }),
  },
  {
    name: "a save that began before a delete comes through after it",
    caughtBy: ["delete: wins over saves and touches racing with it"],
    break(inner) {
      const { revived, load } = revival(inner);
      return {
        load,
        async save(record, expected, call) {
          const found = await inner.load(record.id, call);
          await elsewhere();
          const result = await inner.save(record, expected, call);
          if (result !== "gone" || !found || "ended" in found) return result;
          revived.set(record.id, record);
          return "saved";
        },
      };
    },
  },
  {
    name: "tombstones last nine minutes",
    caughtBy: ["tombstone: the end is told for ten minutes, and absent from then on"],
    break: (inner) => ({
      async load(id, call) {
        const found = await inner.load(id, call);
        return found && "ended" in found && call.now >= found.at + 540_000 ? null : found;
      },
    }),
  },
  {
    name: "tombstones last eleven minutes",
    caughtBy: ["tombstone: the end is told for ten minutes, and absent from then on"],
    break(inner) {
      return {
        async load(id, call) {
          const found = await inner.load(id, { ...call, now: call.now - 60_000 });
          return found && "ended" in found ? found : inner.load(id, call);
        },
      };
    },
  },
  {
    name: "tombstones name the user",
    caughtBy: ["tombstone: holds nothing of the session but reason and time"],
    break: (inner) => ({
      async load(id, call) {
        const found = await inner.load(id, call);
        return found && "ended" in found ? Object.assign(found, { userId: "ada" }) : found;
      },
    }),
  },
];
