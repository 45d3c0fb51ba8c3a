/** The sessions of the table: what a visitor writes down comes along when they sign in. */
import { createSessions, type Session } from "sojourn";
import { deviceReader } from "sojourn/devices";
import { sqliteStore } from "sojourn/stores/sqlite";

export interface Guest {
  readonly wishes: readonly { readonly dish: string; readonly at: Date }[];
}

export type GuestSession = Session<Guest>;

export const sessions = createSessions({
  store: sqliteStore(process.env.SESSIONS ?? ":memory:"), // SESSIONS=sessions.db: everybody is still signed in next time
  keepOnLogin: ["wishes"],
  initial: (): Guest => ({ wishes: [] }),
  devices: deviceReader(), // "Firefox on Linux" in the list of devices
});
