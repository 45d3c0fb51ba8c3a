// Broken bytes, texts, ids and lives of stores.
import type { SessionRecord } from "../../../src/core/record.ts";
import { StoreFault } from "../../../src/errors.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { elsewhere, type Mutant, seenAs, without } from "./mutant.ts";

const shared = memoryStore();

/** Changes what is written, by create and by save. */
function writtenAs(
  inner: SessionStore,
  change: (record: SessionRecord) => SessionRecord,
): Pick<SessionStore, "create" | "save"> {
  return {
    create: (record, call) => inner.create(change(record), call),
    save: (record, expected, call) => inner.save(change(record), expected, call),
  };
}

/** Every operation with a session id, with the id changed. */
function addressed(inner: SessionStore, name: (id: string) => string): Partial<SessionStore> {
  return {
    ...writtenAs(inner, (record) => ({ ...record, id: name(record.id) })),
    load: async (id, call) => {
      const found = await inner.load(name(id), call);
      return found && !("ended" in found) ? { ...found, id } : found;
    },
    touch: (id, until, call) => inner.touch(name(id), until, call),
    delete: (id, reason, call) => inner.delete(name(id), reason, call),
  };
}

function unsigned(inner: SessionStore): Partial<SessionStore> {
  return {
    load: (id, call) => inner.load(id, without(call, "signal")),
    deleteByUser: (userId, call) => inner.deleteByUser(userId, without(call, "signal")),
  };
}

export const valueMutants: readonly Mutant[] = [
  {
    name: "bytes are stored as UTF-8",
    caughtBy: ["payload: every byte value comes back, in order"],
    break: (inner) =>
      writtenAs(inner, (record) => ({
        ...record,
        payload: Buffer.from(Buffer.from(record.payload).toString("utf8")),
      })),
  },
  {
    name: "an empty payload is none",
    caughtBy: ["payload: an empty one comes back empty"],
    break: (inner) =>
      writtenAs(inner, (record) => ({
        ...record,
        payload: record.payload.byteLength === 0 ? Uint8Array.of(0) : record.payload,
      })),
  },
  {
    name: "bytes are stored with the buffer around them",
    caughtBy: ["payload: bytes inside a larger buffer are stored without their surroundings"],
    break: (inner) =>
      writtenAs(inner, (record) => ({
        ...record,
        payload:
          record.payload.buffer.byteLength === 64 ? new Uint8Array(record.payload.buffer) : record.payload,
      })),
  },
  {
    name: "large data is cut off",
    caughtBy: [
      "payload: the largest one is taken, one byte more is refused as too large and changes nothing",
    ],
    break: (inner) =>
      writtenAs(inner, (record) => ({ ...record, payload: record.payload.subarray(0, 1_000_000) })),
  },
  {
    name: "data that is too large ends the session",
    caughtBy: [
      "payload: the largest one is taken, one byte more is refused as too large and changes nothing",
    ],
    break: (inner) => ({
      async save(record, expected, call) {
        try {
          return await inner.save(record, expected, call);
        } catch (error) {
          await inner.delete(record.id, "revoked", call);
          throw error;
        }
      },
    }),
  },
  {
    name: "labels are cut off at 100 characters",
    caughtBy: ["label: none, empty, 200 characters, emoji and control characters come back as they were"],
    break: (inner) =>
      writtenAs(inner, (record) => ({ ...record, label: record.label?.slice(0, 100) ?? null })),
  },
  {
    name: "no label is an empty one",
    caughtBy: ["label: none, empty, 200 characters, emoji and control characters come back as they were"],
    break: (inner) => seenAs(inner, (record) => ({ ...record, label: record.label || null })),
  },
  {
    name: "about is not kept",
    caughtBy: [
      "about: none, empty, 2048 characters and hostile texts come back as they were, in loads and in listings",
    ],
    break: (inner) => writtenAs(inner, (record) => ({ ...record, about: null })),
  },
  {
    name: "about is cut off at 1000 characters",
    caughtBy: [
      "about: none, empty, 2048 characters and hostile texts come back as they were, in loads and in listings",
    ],
    break: (inner) =>
      writtenAs(inner, (record) => ({ ...record, about: record.about?.slice(0, 1000) ?? null })),
  },
  {
    name: "about is missing in listings",
    caughtBy: [
      "about: none, empty, 2048 characters and hostile texts come back as they were, in loads and in listings",
    ],
    break: (inner) => ({
      async listByUser(userId, call) {
        const page = await inner.listByUser(userId, call);
        return { ...page, sessions: page.sessions.map((session) => ({ ...session, about: null })) };
      },
    }),
  },
  {
    name: "save writes about",
    caughtBy: ["about: saves and touches leave it as it was created"],
    break(inner) {
      const given = new Map<string, string | null>();
      return {
        ...seenAs(inner, (record) => ({ ...record, about: given.get(record.id) ?? record.about })),
        async save(record, expected, call) {
          given.set(record.id, record.about);
          return inner.save(record, expected, call);
        },
      };
    },
  },
  {
    name: "an end leaves what is known about the session",
    caughtBy: ["about: nothing of it is answered once the session has ended"],
    break(inner) {
      const given = new Map<string, string | null>();
      return {
        async create(record, call) {
          given.set(record.id, record.about);
          return inner.create(record, call);
        },
        async load(id, call) {
          const found = await inner.load(id, call);
          return found && "ended" in found ? { ...found, about: given.get(id) } : found;
        },
      };
    },
  },
  {
    name: "instants are kept in seconds",
    caughtBy: ["instants: come back to the millisecond from the epoch to the year 9999"],
    break: (inner) =>
      seenAs(inner, (record) => ({ ...record, createdAt: Math.trunc(record.createdAt / 1000) * 1000 })),
  },
  {
    name: "what was given is kept as it is",
    caughtBy: ["isolation: what a caller does to its record afterwards does not reach the store"],
    break(inner) {
      const given = new Map<string, Uint8Array>();
      const keep = (record: SessionRecord): SessionRecord => {
        given.set(record.id, record.payload);
        return record;
      };
      return {
        ...writtenAs(inner, keep),
        ...seenAs(inner, (record) => ({ ...record, payload: given.get(record.id) ?? record.payload })),
      };
    },
  },
  {
    name: "what is answered is what is kept",
    caughtBy: ["isolation: what a caller does to an answer does not reach the store or other answers"],
    break(inner) {
      const answered = new Map<string, SessionRecord>();
      return seenAs(inner, (record) => {
        const before = answered.get(record.id);
        if (before) return before;
        answered.set(record.id, record);
        return record;
      });
    },
  },
  {
    name: "all stores are one",
    caughtBy: ["isolation: two stores opened at once know nothing of each other"],
    break: () => ({
      load: (id, call) => shared.load(id, call),
      create: (record, call) => shared.create(record, call),
      deleteAll: (call) => shared.deleteAll(call),
    }),
  },
  {
    name: "ids are cleaned up",
    caughtBy: ["hostile ids: are answered as absent by every operation and hurt nobody"],
    break: (inner) => addressed(inner, (id) => (/[\w-]{22}/.exec(id) ?? [id])[0]),
  },
  {
    name: "ids are decoded leniently",
    caughtBy: [
      "hostile ids: are answered as absent by every operation and hurt nobody",
      "hostile ids: cannot be created; the fault is corrupt and nothing is stored",
    ],
    break: (inner) =>
      addressed(inner, (id) => (id.length === 22 ? Buffer.from(id, "base64url").toString("base64url") : id)),
  },
  {
    name: "ids are compared without case",
    caughtBy: [
      "create: 20 retries of one create at once are all answered ok and make one session",
      "ids: two that differ in upper and lower case only are two sessions",
    ],
    break: (inner) => addressed(inner, (id) => `${id.slice(0, -1).toLowerCase()}${id.slice(-1)}`),
  },
  {
    name: "any id can be created",
    caughtBy: ["hostile ids: cannot be created; the fault is corrupt and nothing is stored"],
    break: (inner) => ({
      async create(record, call) {
        try {
          return await inner.create(record, call);
        } catch (error) {
          if (error instanceof StoreFault && error.kind === "corrupt") return { ok: true };
          throw error;
        }
      },
    }),
  },
  {
    name: "a strange except spares everybody",
    caughtBy: ["hostile ids: as except they spare nobody"],
    break: (inner) => ({
      async deleteByUser(userId, call) {
        return call.except?.length === 22 || call.except === undefined ? inner.deleteByUser(userId, call) : 0;
      },
    }),
  },
  {
    name: "a strange id is a fault",
    caughtBy: ["hostile ids: are answered as absent by every operation and hurt nobody"],
    break: (inner) => ({
      async load(id, call) {
        if (id.length !== 22) throw new StoreFault("corrupt", "That is no id.");
        return inner.load(id, call);
      },
    }),
  },
  {
    name: "an aborted signal is not looked at",
    caughtBy: ["signal: a call whose caller gave up before it began is a timeout, and nothing is applied"],
    break: unsigned,
  },
  {
    name: "a signal that aborts later takes the write back",
    caughtBy: ["signal: one that aborts after the answer changes nothing"],
    break: (inner) => ({
      async create(record, call) {
        call.signal?.addEventListener(
          "abort",
          () => void inner.delete(record.id, "revoked", { now: call.now }),
        );
        return inner.create(record, call);
      },
    }),
  },
  {
    name: "open starts anew",
    caughtBy: ["open: answers a list of warnings, and repeated it is harmless"],
    break(inner) {
      let isOpen = false;
      return {
        async open() {
          if (isOpen) await inner.deleteAll({ now: 0 });
          isOpen = true;
          return inner.open();
        },
      };
    },
  },
  {
    name: "health is never good",
    caughtBy: ["health: says that an open store answers"],
    break: () => ({ health: async () => ({ ok: false }) }),
  },
  {
    name: "health is always good",
    caughtBy: ["close: every later call is a fault of kind closed, and health is not ok"],
    break: () => ({ health: async () => ({ ok: true }) }),
  },
  {
    name: "a closed store has no sessions",
    caughtBy: ["close: every later call is a fault of kind closed, and health is not ok"],
    break(inner) {
      let isClosed = false;
      return {
        async close() {
          isClosed = true;
        },
        load: async (id, call) => (isClosed ? null : inner.load(id, call)),
      };
    },
  },
  {
    name: "close throws the second time",
    caughtBy: ["close: repeated it is harmless, and `await using` does the same"],
    break(inner) {
      let isClosed = false;
      return {
        async close() {
          if (isClosed) throw new StoreFault("closed", "It was closed.");
          isClosed = true;
          return inner.close();
        },
      };
    },
  },
  {
    name: "dispose does not close",
    caughtBy: ["close: repeated it is harmless, and `await using` does the same"],
    break: () => ({ [Symbol.asyncDispose]: async () => {} }),
  },
  {
    name: "calls under way break when it closes",
    caughtBy: ["close: calls under way end well or as closed, never with another fault"],
    break(inner) {
      let isClosed = false;
      return {
        async close() {
          isClosed = true;
          return inner.close();
        },
        async load(id, call) {
          const found = await inner.load(id, call);
          await elsewhere();
          if (isClosed) throw new TypeError("Cannot read properties of null");
          return found;
        },
      };
    },
  },
];
