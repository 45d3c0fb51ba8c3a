/**
 * What happened to each account, as its owner may see it: the events of the sessions, written into a small table of the
 * shop. Listeners run at once and in order, so they do little; this one adds a row.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SessionEvents } from "sojourn";
import { deviceName } from "sojourn/devices";
import { sessions } from "./sessions.ts";
import { dataFolder } from "./settings.ts";

export interface Activity {
  readonly at: number;
  readonly what: string;
  readonly device: string;
}

const SHOWN = 50;
const KEPT_MS = 90 * 24 * 3_600_000;

const database = new DatabaseSync(join(dataFolder, "activity.db"));
database.exec(`
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS activity (
    user_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    what TEXT NOT NULL,
    device TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS activity_of_user ON activity (user_id, at);
`);
const insert = database.prepare("INSERT INTO activity (user_id, at, what, device) VALUES (?, ?, ?, ?)");
const forget = database.prepare("DELETE FROM activity WHERE user_id = ? AND at < ?");
const latest = database.prepare(
  "SELECT at, what, device FROM activity WHERE user_id = ? ORDER BY at DESC, rowid DESC LIMIT ?",
);

export const activity = {
  add(userId: string, what: string, device: string): void {
    const now = Date.now();
    insert.run(userId, now, what, device);
    forget.run(userId, now - KEPT_MS); // what nobody needs any more is not kept
  },

  of: (userId: string): readonly Activity[] =>
    latest
      .all(userId, SHOWN)
      .map((row) => ({ at: Number(row.at), what: String(row.what), device: String(row.device) })),

  close: (): void => database.close(),
};

/** How a session ended, in its owner's words. A sign-in replaces the session before it; that is no news. */
const ENDINGS: Readonly<Record<string, string>> = {
  "logged-out": "Signed out",
  revoked: "Signed out from another device",
  idle: "Signed out after a time without use",
  absolute: "Signed out, since every sign-in ends at last",
  limit: "Signed out to make room for a newer device",
  theft: "Signed out because an old copy of its cookie came back",
};

sessions.on("created", (session) => {
  if (session.userId !== null) activity.add(session.userId, "Signed in", nameOf(session));
});
sessions.on("ended", (session) => {
  const what = ENDINGS[session.reason];
  if (session.userId !== null && what !== undefined) activity.add(session.userId, what, nameOf(session));
});
sessions.on("risk", (session) => {
  activity.add(session.userId, `Used as ${deviceName(session.seen)}: was it you?`, nameOf(session));
});
sessions.on("theft", (session) => {
  activity.add(session.userId, "An old copy of its cookie came back: was it you?", nameOf(session));
});

function nameOf(session: SessionEvents["created"]): string {
  return deviceName(session.device);
}
