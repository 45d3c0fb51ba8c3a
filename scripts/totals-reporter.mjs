// A vitest reporter: writes what scripts/test.mjs needs for its last lines to $SOJOURN_TOTALS.
import { writeFileSync } from "node:fs";

export default class TotalsReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const totals = { passed: 0, failed: 0, skipped: 0, notRun: [], silent: [], causes: [] };
    const fail = (where, errors) => {
      totals.failed++;
      const [message = "no message"] = (errors?.[0]?.message ?? "").split("\n");
      totals.causes.push(`${where}: ${message}`);
    };
    for (const error of unhandledErrors) fail("outside of any test", [error]);
    for (const module of modules) {
      // A file that does not load, or a hook that throws, fails without any test of its own to show for it.
      for (const error of module.errors()) fail(module.relativeModuleId, [error]);
      const broken = new Set();
      for (const suite of module.children.allSuites()) {
        if (suite.errors().length > 0) broken.add(suite);
        for (const error of suite.errors()) fail(`${module.relativeModuleId}: ${suite.fullName}`, [error]);
      }
      for (const test of module.children.allTests()) {
        const { state, note, errors } = test.result();
        const name = `${module.relativeModuleId}: ${test.fullName}`;
        if (state === "passed") totals.passed++;
        else if (state !== "skipped") fail(name, errors);
        else {
          totals.skipped++;
          if (note) totals.notRun.push(`${name} (${note})`);
          else if (!isInside(test, broken) && module.errors().length === 0) totals.silent.push(name);
        }
      }
    }
    writeFileSync(process.env.SOJOURN_TOTALS, JSON.stringify(totals));
  }
}

function isInside(test, suites) {
  for (let parent = test.parent; parent.type === "suite"; parent = parent.parent) {
    if (suites.has(parent)) return true;
  }
  return false;
}
