/** The sessions of the reading list: the one object every route asks. */
import { createSessions, type DataOf, type Session } from "sojourn";
import { deviceReader } from "sojourn/devices";
import type { SessionContext } from "sojourn/koa";
import { memoryStore } from "sojourn/stores/memory";

interface Reading {
  books: string[];
}

export const sessions = createSessions({
  store: memoryStore(), // sqliteStore("data/sessions.db") survives a restart
  initial: (): Reading => ({ books: [] }),
  keepOnLogin: ["books"], // what a visitor noted goes over to the account
  devices: deviceReader(), // "Firefox on Linux" in the list of devices
  // In production also say where people reach you: origin: "https://books.example"
});

/** What Koa's contexts have on top: a typed `ctx.session`. */
export type WithSession = SessionContext<typeof sessions>;
export type ReaderSession = Session<DataOf<typeof sessions>>;
