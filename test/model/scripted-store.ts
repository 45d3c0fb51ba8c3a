/**
 * The store as one process sees it: every call waits for its turn, then the reference store does it in one step. Only
 * revoking all of a user takes several, one for the mark and one for each session.
 */
import { headerOf, isLive, type SessionId } from "../../src/core/record.ts";
import type { CallOptions, CreateOptions, Guarantees, SessionStore } from "../../src/stores/contract.ts";
import type { Process } from "./process.ts";
import type { Touches } from "./step.ts";
import { callStore } from "./store-call.ts";
import type { World } from "./world.ts";

const GUARANTEES: Guarantees = {
  cas: true,
  noRevival: true,
  userIndex: true,
  revokeUser: true,
  slots: false,
  expiry: "native", // so that no run starts the timer of a sweeper
  shared: "network",
  durable: "server-config",
  maxBytes: 1 << 20,
};

const WIDE: Touches = { area: "store", keys: [], wide: true, writes: true };

export function scriptedStore(world: World, process: Process): SessionStore {
  const { store } = world;

  function change<T>(label: string, keys: readonly string[], act: () => T): Promise<T> {
    const touches: Touches = { area: "store", keys, wide: false, writes: true };
    return callStore(world, process, { label, isRead: false, touches: () => touches, act });
  }

  function changeWidely<T>(label: string, act: () => T): Promise<T> {
    return callStore(world, process, { label, isRead: false, touches: () => WIDE, act });
  }

  function read<T>(
    label: string,
    key: string,
    act: () => T,
    changes: () => boolean = () => false,
  ): Promise<T> {
    const touches = (): Touches => ({ area: "store", keys: [key], wide: false, writes: changes() });
    return callStore(world, process, { label, isRead: true, touches, act });
  }

  function isDue(id: SessionId, call: CallOptions): boolean {
    const row = store.rows.get(id);
    return row !== undefined && !isLive(row, call.now);
  }

  async function deleteByUser(userId: string, call: CallOptions & { except?: SessionId }): Promise<number> {
    await changeWidely("mark", () => store.mark(userId, call.now));
    for (let ended = 0; ; ended++) {
      if (!(await changeWidely("revokeNext", () => store.revokeNext(userId, call.except, call))))
        return ended;
    }
  }

  function create(record: Parameters<SessionStore["create"]>[0], call: CreateOptions) {
    const act = () => store.create(record, call);
    if (call.limit) return changeWidely("create", act);
    return change("create", call.replaces ? [record.id, call.replaces.id] : [record.id], act);
  }

  return {
    name: "model",
    guarantees: GUARANTEES,
    open: () => Promise.resolve([]),
    load: (id, call) =>
      read(
        "load",
        id,
        () => store.load(id, call),
        () => isDue(id, call),
      ),
    create,
    save: (record, expected, call) => change("save", [record.id], () => store.save(record, expected, call)),
    touch: (id, until, call) => change("touch", [id], () => store.touch(id, until, call)),
    delete: (id, reason, call) => change("delete", [id], () => store.delete(id, reason, call.expected, call)),
    async listByUser(userId, call) {
      const act = () => store.sessionsOf(userId, call).map(headerOf);
      const touches = (): Touches => ({
        ...WIDE,
        writes: [...store.rows.keys()].some((id) => isDue(id, call)),
      });
      const sessions = await callStore(world, process, { label: "list", isRead: true, touches, act });
      return { sessions: sessions.slice(0, call.limit), after: null };
    },
    deleteByUser,
    erase: (userId, call) => deleteByUser(userId, call),
    revocation: (userId, call) =>
      read("revocation", `user ${userId}`, () => store.revocation(userId, call.now)),
    deleteAll: (call) => changeWidely("deleteAll", () => store.endAll(call)),
    sweep: () => Promise.resolve({ removed: 0, more: false }),
    health: () => Promise.resolve({ ok: true }),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
