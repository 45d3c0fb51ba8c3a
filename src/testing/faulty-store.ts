/**
 * A store with scripted faults around any other: what networks and servers do to an operation, one call at a time.
 * An operation without a script goes straight through.
 */
import { StoreFault } from "../errors.ts";
import type { SessionStore } from "../stores/contract.ts";
import type { Carrying } from "../stores/cookie/contract.ts";
import { type FaultHandle, type FaultKind, Script, type StoreOperation } from "./fault-script.ts";

export interface Faults {
  /** The next call of `operation` that has no script yet meets `kind`. Several queue up, in order. */
  next(operation: StoreOperation, kind: FaultKind): FaultHandle;
  /** The next call of `operation` waits for `release`: before it is applied (default), or with its answer in hand. */
  park(operation: StoreOperation, when?: "before" | "after"): FaultHandle;
  /** From now on every operation is lost, scripted ones included, until the returned function is called. */
  outage(): () => void;
  /** Forgets the scripts that no call has met. */
  clear(): void;
}

export interface FaultyStore {
  readonly store: SessionStore;
  readonly faults: Faults;
}

/** `onHang` is called when a call begins to hang, as the moment at which a test may let its deadline pass. */
export function withFaults(inner: SessionStore, onHang?: () => void): FaultyStore {
  const queues = new Map<StoreOperation, Script[]>();
  let outages = 0;

  function enqueue(operation: StoreOperation, script: Script): FaultHandle {
    const queue = queues.get(operation);
    if (queue) queue.push(script);
    else queues.set(operation, [script]);
    return script;
  }

  async function run<C extends { readonly signal?: AbortSignal }, T>(
    operation: StoreOperation,
    call: C,
    act: (call: C) => Promise<T>,
  ): Promise<T> {
    if (outages > 0) throw new StoreFault("unavailable", `Scripted outage at ${operation}`);
    const script = queues.get(operation)?.shift();
    if (!script) return act(call);
    // What is held back reaches the store after its caller may have gone, as a packet under way would.
    const { signal, ...unsigned } = call;
    return script.play(operation, signal, () => act(unsigned as C));
  }

  const faults: Faults = {
    next: (operation, kind) => enqueue(operation, new Script(kind, onHang)),
    park: (operation, when = "before") =>
      enqueue(operation, new Script(when === "before" ? "park-before" : "park-after")),
    outage() {
      outages += 1;
      let isOver = false;
      return () => {
        if (!isOver) outages -= 1;
        isOver = true;
      };
    },
    clear: () => queues.clear(),
  };

  const wrappedCarrying = (carrying: Carrying): Carrying => ({
    ...carrying,
    for: (cargo) => wrapped(carrying.for(cargo)),
    end: (userId, id, reason, call) =>
      run("delete", call, (passed) => carrying.end(userId, id, reason, passed)),
  });

  const wrapped = (inner: SessionStore): SessionStore => ({
    name: inner.name,
    guarantees: inner.guarantees,
    ...(inner.carrying && { carrying: wrappedCarrying(inner.carrying) }),
    ...(inner.tag && { tag: inner.tag.bind(inner) }),
    open: (options = {}) => run("open", options, (passed) => inner.open(passed)),
    load: (id, call) => run("load", call, (passed) => inner.load(id, passed)),
    create: (record, call) => run("create", call, (passed) => inner.create(record, passed)),
    save: (record, expected, call) => run("save", call, (passed) => inner.save(record, expected, passed)),
    touch: (id, until, call) => run("touch", call, (passed) => inner.touch(id, until, passed)),
    delete: (id, reason, call) => run("delete", call, (passed) => inner.delete(id, reason, passed)),
    listByUser: (userId, call) => run("listByUser", call, (passed) => inner.listByUser(userId, passed)),
    deleteByUser: (userId, call) => run("deleteByUser", call, (passed) => inner.deleteByUser(userId, passed)),
    erase: (userId, call) => run("erase", call, (passed) => inner.erase(userId, passed)),
    revocation: (userId, call) => run("revocation", call, (passed) => inner.revocation(userId, passed)),
    deleteAll: (call) => run("deleteAll", call, (passed) => inner.deleteAll(passed)),
    sweep: (call) => run("sweep", call, (passed) => inner.sweep(passed)),
    async health(call) {
      try {
        return await run("health", call, (passed) => inner.health(passed));
      } catch (error) {
        if (error instanceof StoreFault) return { ok: false, detail: error.message };
        throw error;
      }
    },
    close: () => inner.close(),
    [Symbol.asyncDispose]: () => inner.close(),
  });
  return { store: wrapped(inner), faults };
}
