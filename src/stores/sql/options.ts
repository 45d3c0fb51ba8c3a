/** What the stores on SQL servers guarantee, and the options that all of them have. */
import { InvalidOptionError } from "../../errors.ts";
import type { Guarantees } from "../contract.ts";

export const SQL_GUARANTEES: Guarantees = {
  cas: true,
  noRevival: true,
  revokeUser: true,
  userIndex: true,
  slots: false,
  expiry: "sweep",
  shared: "network",
  durable: "server-config",
  maxBytes: 1024 * 1024, // beyond this a session is no longer a session; the manager's own limit is far below
};

interface Switches {
  readonly preparedStatements: boolean;
  readonly migrate: boolean;
}

/** Both are on unless they are turned off. Throws `InvalidOptionError`. */
export function readSwitches({ preparedStatements = true, migrate = true }: Partial<Switches>): Switches {
  const switches = { preparedStatements, migrate };
  for (const [name, value] of Object.entries(switches)) {
    if (typeof value !== "boolean") throw new InvalidOptionError(name, "must be true or false");
  }
  return switches;
}
