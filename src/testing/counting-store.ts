/** A store that counts what it is asked: for promises about how much a request may cost. */
import type { SessionStore } from "../stores/contract.ts";
import type { Cargo } from "../stores/cookie/contract.ts";

export type CountedCall =
  | "load"
  | "create"
  | "save"
  | "touch"
  | "delete"
  | "listByUser"
  | "deleteByUser"
  | "erase"
  | "revocation"
  | "deleteAll"
  | "sweep";

const COUNTED: readonly CountedCall[] = [
  "load",
  "create",
  "save",
  "touch",
  "delete",
  "listByUser",
  "deleteByUser",
  "erase",
  "revocation",
  "deleteAll",
  "sweep",
];

export interface CallCounts {
  /** Calls since the last `reset`, such as `{ load: 1 }`; operations never called are absent. */
  readonly calls: Readonly<Partial<Record<CountedCall, number>>>;
  reset(): void;
}

export function countCalls(store: SessionStore): {
  readonly store: SessionStore;
  readonly counts: CallCounts;
} {
  let calls: Partial<Record<CountedCall, number>> = {};
  const counting = (inner: SessionStore): SessionStore =>
    new Proxy(inner, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name, target);
        const { carrying } = target;
        if (name === "carrying" && carrying) {
          return { ...carrying, for: (cargo: Cargo) => counting(carrying.for(cargo)) };
        }
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          const operation = COUNTED.find((known) => known === name);
          if (operation) calls[operation] = (calls[operation] ?? 0) + 1;
          return Reflect.apply(value, target, args);
        };
      },
    });
  return {
    store: counting(store),
    counts: {
      get calls() {
        return calls;
      },
      reset() {
        calls = {};
      },
    },
  };
}
