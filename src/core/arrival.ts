/** Where a request comes from, as far as the application wants to know: which device, which network. */
import type { Device } from "./about.ts";
import { createNetworkReader } from "./client-address.ts";
import { RecentMap } from "./recent-map.ts";
import type { RequestView } from "./request.ts";
import { isReadableUserAgent } from "./user-agent.ts";

export interface Arrival {
  readonly device: Device | null;
  /** A network such as `203.0.113.0/24`; never a whole address. */
  readonly address: string | null;
}

export interface ArrivalOptions {
  readonly devices: ((userAgent: string) => Device | null) | null;
  readonly addresses: boolean;
  readonly trustProxy: number | readonly string[] | undefined;
}

/** Reads both for one request. `null`: nothing is wanted, so nothing of either is looked at. */
export type ArrivalReader = (view: RequestView) => Arrival;

export function createArrivalReader(options: ArrivalOptions): ArrivalReader | null {
  const { devices, addresses, trustProxy } = options;
  if (!devices && !addresses) return null;
  const deviceOf = devices ? rememberingReader(devices) : () => null;
  const networkOf = addresses ? createNetworkReader(trustProxy) : () => null;
  return (view) => ({ device: deviceOf(view.header("user-agent")), address: networkOf(view) });
}

/** Most people of a site share a few hundred texts, so a parser is asked once for each and not at every request. */
const REMEMBERED = 500;
const UNKNOWN: Device = Object.freeze({ browser: null, system: null, form: null });

function rememberingReader(
  read: (userAgent: string) => Device | null,
): (userAgent: string | undefined) => Device | null {
  const known = new RecentMap<Device>(REMEMBERED);
  return (userAgent) => {
    if (!isReadableUserAgent(userAgent)) return null;
    let device = known.get(userAgent);
    if (!device) {
      device = readSafely(read, userAgent);
      known.set(userAgent, device);
    }
    return device === UNKNOWN ? null : device;
  };
}

/** A parser that fails costs a name in a list, never a login. */
function readSafely(read: (userAgent: string) => Device | null, userAgent: string): Device {
  try {
    return checkedDevice(read(userAgent));
  } catch {
    return UNKNOWN;
  }
}

function checkedDevice(given: Device | null): Device {
  if (typeof given !== "object" || given === null) return UNKNOWN;
  const [browser, system, form] = [given.browser, given.system, given.form].map(checkedName);
  if (!browser && !system && !form) return UNKNOWN;
  return Object.freeze({ browser: browser ?? null, system: system ?? null, form: form ?? null });
}

const LONGEST_NAME = 60;

/** What a parser makes of a hostile header ends in pages and logs: names only. */
function checkedName(name: unknown): string | null {
  const isName =
    typeof name === "string" &&
    name.length <= LONGEST_NAME &&
    name.trim() !== "" &&
    !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}<>]/u.test(name);
  return isName ? name : null;
}
