// Broken saves and touches.
import type { SessionRecord } from "../../../src/core/record.ts";
import { elsewhere, type Mutant, revival, seenAs } from "./mutant.ts";

export const savingMutants: readonly Mutant[] = [
  {
    name: "save is an upsert",
    caughtBy: [
      "save: a session that ended is gone and is not brought back",
      "delete: wins over saves and touches racing with it",
    ],
    break(inner) {
      const { revived, load } = revival(inner);
      return {
        load,
        async save(record, expected, call) {
          const result = await inner.save(record, expected, call);
          if (result === "gone") revived.set(record.id, record);
          return result === "gone" ? "saved" : result;
        },
      };
    },
  },
  {
    name: "save says gone and writes all the same",
    caughtBy: ["save: an absent session is gone, and stays absent"],
    break(inner) {
      const { revived, load } = revival(inner);
      return {
        load,
        async save(record, expected, call) {
          const result = await inner.save(record, expected, call);
          if (result === "gone") revived.set(record.id, record);
          return result;
        },
      };
    },
  },
  {
    name: "the last save wins",
    caughtBy: [
      "save: a version that was written meanwhile is a conflict that carries what is stored",
      "save: of 50 parallel saves with one expected version exactly one is saved, the others see it",
    ],
    break: (inner) => ({
      async save(record, expected, call) {
        const result = await inner.save(record, expected, call);
        return typeof result === "string" ? result : inner.save(record, result.conflict.version, call);
      },
    }),
  },
  {
    name: "save compares first and writes later",
    caughtBy: ["save: counts every increment of 20 parallel writers that retry on conflict"],
    break: (inner) => ({
      async save(record, expected, call) {
        const found = await inner.load(record.id, call);
        if (found && !("ended" in found) && found.version !== expected) return { conflict: found };
        await elsewhere();
        const result = await inner.save(record, expected, call);
        return typeof result === "string" ? result : inner.save(record, result.conflict.version, call);
      },
    }),
  },
  {
    name: "versions are compared without case",
    caughtBy: ["save: a version that was never stored is a conflict, however close"],
    break: (inner) => ({
      async save(record, expected, call) {
        const found = await inner.load(record.id, call);
        const same = found && !("ended" in found) && found.version.toLowerCase() === expected.toLowerCase();
        return inner.save(record, same ? found.version : expected, call);
      },
    }),
  },
  {
    name: "a conflict carries what was given",
    caughtBy: ["save: a version that was written meanwhile is a conflict that carries what is stored"],
    break: (inner) => ({
      async save(record, expected, call) {
        const result = await inner.save(record, expected, call);
        return typeof result === "string" ? result : { conflict: record };
      },
    }),
  },
  {
    name: "a repeated save is answered saved",
    caughtBy: ["save: a save repeated after it was applied meets its own version in the conflict"],
    break: (inner) => ({
      async save(record, expected, call) {
        const result = await inner.save(record, expected, call);
        return typeof result !== "string" && result.conflict.version === record.version ? "saved" : result;
      },
    }),
  },
  {
    name: "save forgets the credentials",
    caughtBy: ["save: replaces version, credentials, data, seenAt and the idle deadline"],
    break: (inner) => ({
      async save(record, expected, call) {
        const found = await inner.load(record.id, call);
        const old = found && !("ended" in found) ? found.credentials : record.credentials;
        return inner.save({ ...record, credentials: old }, expected, call);
      },
    }),
  },
  {
    name: "save writes the whole row",
    caughtBy: ["save: what belongs to the session for life never changes"],
    break(inner) {
      const given = new Map<string, SessionRecord>();
      return {
        ...seenAs(inner, (record) => ({ ...record, label: given.get(record.id)?.label ?? record.label })),
        async save(record, expected, call) {
          given.set(record.id, record);
          return inner.save(record, expected, call);
        },
      };
    },
  },
  {
    name: "save sets the idle deadline as given",
    caughtBy: [
      "save: never shortens the idle deadline that a touch has moved meanwhile",
      "save: the idle deadline never passes the absolute one",
    ],
    break(inner) {
      const given = new Map<string, number>();
      return {
        ...seenAs(inner, (record) => ({ ...record, idleUntil: given.get(record.id) ?? record.idleUntil })),
        async save(record, expected, call) {
          given.set(record.id, record.idleUntil);
          return inner.save(record, expected, call);
        },
      };
    },
  },
  {
    name: "save answers gone for an expired session and leaves it",
    caughtBy: ["save: a session past its deadline is gone, and is ended there and then"],
    break: (inner) => ({
      async save(record, expected, call) {
        if (call.now >= record.createdAt + record.idleFor) return "gone";
        return inner.save(record, expected, call);
      },
    }),
  },
  {
    name: "touch is an upsert",
    caughtBy: [
      "touch: a session that ended is answered false and is not brought back",
      "touch: a session past its deadline is answered false, and is ended there and then",
    ],
    break(inner) {
      const { revived, load } = revival(inner);
      const known = new Map<string, SessionRecord>();
      return {
        load,
        async create(record, call) {
          known.set(record.id, record);
          return inner.create(record, call);
        },
        async touch(id, until, call) {
          if (await inner.touch(id, until, call)) return true;
          const record = known.get(id);
          if (record) revived.set(id, record);
          return record !== undefined;
        },
      };
    },
  },
  {
    name: "touch always answers true",
    caughtBy: ["touch: an absent session is answered false, and stays absent"],
    break: (inner) => ({
      async touch(id, until, call) {
        await inner.touch(id, until, call);
        return true;
      },
    }),
  },
  {
    name: "touch brings a new version",
    caughtBy: [
      "touch: moves the idle deadline and seenAt; data and version stay",
      "touch: leaves a save under way its version",
    ],
    break: (inner) => ({
      async touch(id, until, call) {
        const isLive = await inner.touch(id, until, call);
        const found = await inner.load(id, call);
        if (found && !("ended" in found)) {
          await inner.save({ ...found, version: `${found.version.slice(1)}x` }, found.version, call);
        }
        return isLive;
      },
    }),
  },
  {
    name: "touch sets the deadline as given",
    caughtBy: ["touch: the idle deadline never passes the absolute one"],
    break(inner) {
      const given = new Map<string, number>();
      return {
        ...seenAs(inner, (record) => ({ ...record, idleUntil: given.get(record.id) ?? record.idleUntil })),
        async touch(id, until, call) {
          given.set(id, until);
          return inner.touch(id, until, call);
        },
      };
    },
  },
  {
    name: "touch sets seenAt as the clock says",
    caughtBy: [
      "touch: never moves a deadline or seenAt back",
      "touch: parallel touches leave the furthest deadline, and repeating one is harmless",
    ],
    break(inner) {
      const seen = new Map<string, number>();
      return {
        ...seenAs(inner, (record) => ({ ...record, seenAt: seen.get(record.id) ?? record.seenAt })),
        async touch(id, until, call) {
          seen.set(id, call.now);
          return inner.touch(id, until, call);
        },
      };
    },
  },
  {
    name: "touch does nothing unless the deadline moves",
    caughtBy: ["touch: moves seenAt also when the deadline is not further away"],
    break: (inner) => ({
      async touch(id, until, call) {
        const found = await inner.load(id, call);
        if (found && !("ended" in found) && until <= found.idleUntil) return true;
        return inner.touch(id, until, call);
      },
    }),
  },
];
