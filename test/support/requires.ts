import { accessSync, constants } from "node:fs";
import { describe, expect, test } from "vitest";

export type Probe<Found> = { readonly found: Found } | { readonly missing: string };

/**
 * Declares suites that need something a machine may lack: a browser, a server.
 * Where the probe finds it, the suite runs and is handed what was found. Where not, the run's summary
 * names the suite and the reason, and with `CI` set that is a failure.
 *
 *     const describeInBrowser = requireOrExplain("chromium", () => executable("/usr/bin/chromium"));
 *     describeInBrowser("the login page", (chromium) => { test(...) });
 */
export function requireOrExplain<Found>(
  name: string,
  probe: () => Probe<Found>,
): (title: string, body: (found: Found) => void) => void {
  const result = probe();
  return (title, body) => {
    describe(title, () => {
      if ("found" in result) {
        body(result.found);
        return;
      }
      test(`needs ${name}`, (context) => {
        if (process.env.CI) expect.fail(`this suite did not run: ${result.missing}`);
        context.skip(result.missing);
      });
    });
  };
}

/** The first of these files that can be executed. */
export function executable(...candidates: readonly string[]): Probe<string> {
  for (const path of candidates) {
    try {
      accessSync(path, constants.X_OK);
      return { found: path };
    } catch {
      // try the next one
    }
  }
  return { missing: `none of these can be executed: ${candidates.join(", ")}` };
}
