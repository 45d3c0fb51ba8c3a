/** Production or not, and what is not let into production. */
import { InvalidOptionError } from "../errors.ts";
import type { SessionStore } from "../stores/contract.ts";
import { printable } from "./header-text.ts";

export type Mode = "production" | "development";

/** As the environment says. */
export function defaultMode(): Mode {
  return process.env.NODE_ENV === "production" ? "production" : "development";
}

/** `option`: where the store was given. */
export function refusePlaintext({ name, plaintextTo }: SessionStore, option: string): void {
  if (plaintextTo === undefined) return;
  throw new InvalidOptionError(
    option,
    `"${name}" talks to ${printable(plaintextTo)} without encryption, so that whoever is in between reads and ` +
      "changes sessions. Connect by TLS, or say allowPlaintext: true to the store where that network is your own",
  );
}
