/** Storages of unstorage: keys and JSON, of which few drivers forget anything by themselves. */
import type { Foreign, Stored } from "./foreign.ts";

/** The part of a storage that is used. */
export interface UnstorageLike {
  getItem(key: string): Promise<unknown>;
  setItem(key: string, value: unknown, options?: { ttl?: number }): Promise<void>;
  removeItem(key: string): Promise<void>;
  getKeys(base?: string): Promise<string[]>;
  /** What a key is kept by, for its name. */
  getMount?(key?: string): { readonly driver: { readonly name?: string | undefined } };
}

/** The drivers of unstorage 1.17 that hand `ttl` on to an engine that keeps to it. */
const EXPIRING = new Set([
  "redis",
  "upstash",
  "vercel-kv",
  "cloudflare-kv-binding",
  "cloudflare-kv-http",
  "deno-kv",
]);

export function expiresByItself(storage: UnstorageLike): boolean {
  const name = storage.getMount?.(FOLDER).driver.name;
  return name !== undefined && EXPIRING.has(name);
}

export class UnstorageForeign implements Foreign {
  readonly name = "unstorage";
  readonly sweeps: boolean;
  readonly owner: object;
  readonly #storage: UnstorageLike;

  constructor(storage: UnstorageLike, sweeps: boolean) {
    this.owner = storage;
    this.#storage = storage;
    this.sweeps = sweeps;
  }

  get(key: string): Promise<unknown> {
    return this.#storage.getItem(inFolder(key));
  }

  async set(key: string, value: Stored, lifeMs: number): Promise<void> {
    // Engines count in whole seconds, and some refuse less than a minute.
    await this.#storage.setItem(inFolder(key), value, { ttl: Math.max(60, Math.ceil(lifeMs / 1000)) });
  }

  async remove(key: string): Promise<void> {
    await this.#storage.removeItem(inFolder(key));
  }

  async keys(): Promise<readonly string[]> {
    return (await this.#storage.getKeys(FOLDER)).map((key) => PREFIX + key.slice(FOLDER.length + 1));
  }
}

const PREFIX = "sojourn-";
/** Drivers list keys by what stands before a colon. */
const FOLDER = "sojourn";

function inFolder(key: string): string {
  return `${FOLDER}:${key.slice(PREFIX.length)}`;
}
