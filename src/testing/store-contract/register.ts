/** Hands cases to whatever test runner there is. */
import type { ContractCase } from "./harness.ts";

/** The `test` of vitest and of node:test both fit. */
export type TestFunction = (
  name: string,
  body: (context: { skip(reason: string): unknown }) => Promise<void>,
) => unknown;

/** Declares each case as a test; one that is skipped shows up as such, with its reason. */
export function register(cases: readonly ContractCase[], test: TestFunction): void {
  for (const { name, skip, run } of cases) {
    test(name, async (context) => {
      if (skip === undefined) await run();
      else context.skip(skip);
    });
  }
}
