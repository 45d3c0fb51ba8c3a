import type { SessionOptions } from "../../../src/core/manager-types.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { TEST_ORIGIN } from "../../../src/testing/browser.ts";

/** The second version greets; both count. */
export function shopOf(version: 1 | 2, path: string): SessionOptions<Record<string, unknown>> {
  const options = { store: sqliteStore(path), origin: TEST_ORIGIN, storeTimeout: "20s" } as const; // a busy machine is no fault
  if (version === 1) return options;
  const migrate = (old: Readonly<Record<string, unknown>>): object => ({
    ...old,
    greeting: `Hello ${String(old.name)}`,
  });
  return { ...options, version, migrate };
}
