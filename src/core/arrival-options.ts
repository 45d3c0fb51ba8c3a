/** The options about devices and addresses: what is kept of where a login came from, and what a difference means. */
import { InvalidOptionError } from "../errors.ts";
import { createArrivalReader } from "./arrival.ts";
import type { Engine } from "./engine.ts";
import type { AnyOptions } from "./options.ts";
import { RecentMap } from "./recent-map.ts";
import { REMEMBERED_SIGNALS } from "./risk.ts";

export function readArrivalOptions(options: AnyOptions): Pick<Engine, "arrivalOf" | "risk"> {
  const { devices = null, addresses = false, onSignal = null, trustProxy } = options;
  if (devices !== null && typeof devices !== "function") {
    throw new InvalidOptionError("devices", "must be a function, such as deviceReader() of sojourn/devices");
  }
  if (typeof addresses !== "boolean") throw new InvalidOptionError("addresses", "must be true or false");
  if (onSignal !== null && typeof onSignal !== "function") {
    throw new InvalidOptionError("onSignal", 'must be a function that answers "ignore", "ask" or "end"');
  }
  if (onSignal && !devices && !addresses) {
    throw new InvalidOptionError("onSignal", "has nothing to compare: set devices or addresses too");
  }
  return {
    arrivalOf: createArrivalReader({ devices, addresses, trustProxy }),
    risk: { onSignal, failures: 0, told: new RecentMap(REMEMBERED_SIGNALS) },
  };
}
