/** How long a call may take. */
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";

export type Deadline = Pick<CallOptions, "signal" | "onProgress">;

export function timedOut(): StoreFault {
  return new StoreFault("timeout", "The time for this call is up.");
}
