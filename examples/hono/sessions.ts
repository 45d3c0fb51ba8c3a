/** The sessions of the tea list: the one object every route asks. */
import { createSessions } from "sojourn";
import { deviceReader } from "sojourn/devices";
import { memoryStore } from "sojourn/stores/memory";

export interface List {
  teas: string[];
}

export const sessions = createSessions({
  store: memoryStore(), // sqliteStore("data/sessions.db") survives restarts, others serve several machines
  initial: (): List => ({ teas: [] }),
  keepOnLogin: ["teas"], // what a visitor wrote down is still there after signing in
  devices: deviceReader(), // "Firefox on Linux" in the list of devices
  // In production also say where people reach you: origin: "https://tea.example"
});
