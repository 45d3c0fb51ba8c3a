/** For the contracts on a store with a cache: every read may lag, as the reads of requests may. */
import type { SessionStore } from "../../src/stores/contract.ts";
import type { InvalidationListener, Invalidations } from "../../src/stores/invalidations.ts";

const WRITES = ["create", "save", "touch", "delete", "deleteByUser", "erase", "deleteAll"] as const;

/** A word from each handle on some data to all others in this process. */
export class Changes implements Invalidations {
  readonly listeners = new Set<InvalidationListener>();

  listen(listener: InvalidationListener): () => Promise<void> {
    this.listeners.add(listener);
    listener.up();
    return async () => void this.listeners.delete(listener);
  }

  /** `store`, telling of each write before its caller has the answer. */
  toldBy(store: SessionStore): SessionStore {
    return wrapped(store, WRITES, (act) => async (...args) => {
      try {
        return await act(...args);
      } finally {
        for (const listener of this.listeners) listener.changed("all");
      }
    });
  }
}

/** `store`, every load of which asks for no more than `mayLag` allows. */
export function lagging(store: SessionStore): SessionStore {
  return wrapped(store, ["load"], (act) => (id, call) => act(id, { ...Object(call), mayLag: true }));
}

type Act = (...args: readonly unknown[]) => unknown;

function wrapped(store: SessionStore, names: readonly string[], wrap: (act: Act) => Act): SessionStore {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      const act: Act = (...args) => Reflect.apply(value, target, args);
      return names.includes(String(name)) ? wrap(act) : act;
    },
  });
}
