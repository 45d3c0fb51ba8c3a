// Broken creates and replacements.
import type { SessionRecord } from "../../../src/core/record.ts";
import type { CreateOptions } from "../../../src/stores/contract.ts";
import { elsewhere, type Mutant, revival, without } from "./mutant.ts";

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
        const { sessions } = await inner.listByUser(record.userId ?? "", { ...call, limit: 10 });
        for (const { id } of sessions) await inner.delete(id, "replaced", call);
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "the replaced session stays",
    caughtBy: ["replaces: the old session ends as replaced in the same step, and is told of once"],
    break: (inner) => ({
      create: (record, call) => inner.create(record, without(call, "replaces")),
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
    break: (inner) => ({
      async create(record, call) {
        const result = await inner.create(record, call);
        const isConflict = !result.ok && result.reason === "conflict";
        return isConflict ? inner.create(record, without(call, "replaces")) : result;
      },
    }),
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
];
