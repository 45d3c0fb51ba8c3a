/** What a bridge declares. */
import { InvalidOptionError } from "../../errors.ts";
import type { Guarantees } from "../contract.ts";

export function bridgeGuarantees(
  bridge: string,
  { onlyProcess = false }: { readonly onlyProcess?: boolean },
  expiry: Guarantees["expiry"],
): Guarantees {
  if (typeof onlyProcess !== "boolean") {
    throw new InvalidOptionError(`${bridge}.onlyProcess`, "must be true or false");
  }
  return Object.freeze({
    cas: onlyProcess,
    noRevival: onlyProcess,
    revokeUser: false,
    userIndex: false,
    slots: false,
    expiry,
    shared: onlyProcess ? "process" : "network",
    durable: "server-config",
    maxBytes: 262_144,
  });
}
