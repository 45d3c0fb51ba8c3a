/** The accounts of the shop: one small table. Sojourn asks nothing of it but an id for each user. */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hashPassword, isPassword } from "./passwords.ts";
import { dataFolder } from "./settings.ts";

export interface User {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

const database = new DatabaseSync(join(dataFolder, "users.db"));
database.exec(`
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password TEXT NOT NULL
  ) STRICT;
`);
const byId = database.prepare("SELECT id, name, email FROM users WHERE id = ?");
const byEmail = database.prepare("SELECT id, name, email FROM users WHERE email = ?");
const passwordOf = database.prepare("SELECT password FROM users WHERE id = ?");
const insert = database.prepare(
  "INSERT INTO users (id, email, name, password) VALUES (?, ?, ?, ?) ON CONFLICT (email) DO NOTHING",
);
const updatePassword = database.prepare("UPDATE users SET password = ? WHERE id = ?");

export const users = {
  find: (id: string): User | null => asUser(byId.get(id)),

  findByEmail: (email: string): User | null => asUser(byEmail.get(tidy(email))),

  /** `null` where the address has an account already. */
  async create(name: string, email: string, password: string): Promise<User | null> {
    const user = { id: randomUUID(), name: name.trim(), email: tidy(email) };
    const { changes } = insert.run(user.id, user.email, user.name, await hashPassword(password));
    return changes === 1 ? user : null;
  },

  /** `null` for somebody without an account takes as long and answers false. */
  hasPassword(id: string | null, password: string): Promise<boolean> {
    const row = id === null ? undefined : passwordOf.get(id);
    return isPassword(password, row === undefined ? null : String(row.password));
  },

  async setPassword(id: string, password: string): Promise<void> {
    updatePassword.run(await hashPassword(password), id);
  },

  close: (): void => database.close(),
};

function asUser(row: Record<string, unknown> | undefined): User | null {
  return row ? { id: String(row.id), name: String(row.name), email: String(row.email) } : null;
}

function tidy(email: string): string {
  return email.trim().toLowerCase();
}
