/** Passwords as salted scrypt hashes, compared in constant time. Nothing but node:crypto. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

// N, r and p as OWASP recommends them for 32 MiB of memory. They are stored with each hash, so they can grow later.
const COST = { N: 2 ** 15, r: 8, p: 3 };
const HASH_BYTES = 32;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await hashWith(password, salt, COST);
  return ["scrypt", COST.N, COST.r, COST.p, salt.toString("base64"), hash.toString("base64")].join("$");
}

/** Takes as long for somebody who has no account (`null`), so that the time does not tell who has one. */
export async function isPassword(password: string, stored: string | null): Promise<boolean> {
  const [, N, r, p, salt, hash] = stored?.split("$") ?? [];
  const expected = hash === undefined ? randomBytes(HASH_BYTES) : Buffer.from(hash, "base64");
  const cost = hash === undefined ? COST : { N: Number(N), r: Number(r), p: Number(p) };
  const actual = await hashWith(password, Buffer.from(salt ?? "nobody", "base64"), cost);
  return timingSafeEqual(actual, expected) && stored !== null;
}

function hashWith(password: string, salt: Buffer, cost: typeof COST): Promise<Buffer> {
  // The same letters may reach us composed or not, depending on the keyboard (NIST SP 800-63B 3.1.1.2).
  return derive(password.normalize("NFKC"), salt, HASH_BYTES, { ...cost, maxmem: 256 * cost.N * cost.r });
}
