// What it was measured on.
import { machine } from "../shared/machine.ts";
import { CAN_PIN } from "./children.ts";
import type { BenchResults } from "./results.ts";
import type { Sites } from "./sites/sites.ts";
import type { Store } from "./subject.ts";

export function machineOf(sites: Sites, stores: Iterable<Store>): BenchResults["machine"] {
  const servers = [...stores].map((store) => sites.of(store)?.server).filter((server) => server != null);
  return {
    ...machine(),
    pinned: CAN_PIN,
    servers: Object.fromEntries(servers.map(({ name, version }) => [name, version])),
  };
}
