/** What the environment may say, and the one folder in which the shop keeps everything. */
import { accessSync, constants, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const { DATA_DIR, HOST, IDLE_MINUTES, ORIGIN, PORT, STORE } = process.env;

export const host = HOST || "localhost";
export const port = readNumber("PORT", PORT, 3000, 65_535);

/** Behind a proxy that ends TLS: the address people type, such as https://shop.example. */
export const origin = ORIGIN || undefined;

/** How long somebody signed in may stay away. IDLE_MINUTES=1 shows an expired session without a long wait. */
export const idleTimeout = readNumber("IDLE_MINUTES", IDLE_MINUTES, 30, 720) * 60_000;

/** Where sessions are kept: sqlite:, file:, memory:, cookie:, redis://…, postgres://… or mysql://… See store.ts. */
export const storeAddress = STORE || "sqlite:";

/** Accounts live here, and sessions unless STORE names another place. Both survive restarts. */
export const dataFolder = DATA_DIR || fileURLToPath(new URL("data", import.meta.url));
process.umask(0o077); // what is made there is for this user alone
try {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  accessSync(dataFolder, constants.W_OK);
} catch {
  quit(`Nothing can be kept in ${dataFolder}. Choose another folder: DATA_DIR=/some/folder npm start`);
}

function readNumber(name: string, text: string | undefined, otherwise: number, most: number): number {
  if (!text) return otherwise;
  const number = Number(text);
  if (Number.isInteger(number) && number >= 0 && number <= most) return number;
  return quit(`${name} must be a whole number up to ${most}, but it is "${text}".`);
}

export function quit(sentence: string): never {
  console.error(sentence);
  process.exit(1);
}
