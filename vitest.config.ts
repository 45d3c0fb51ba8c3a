import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

const project = (name: string, include: string, timeout = 30_000) => ({
  extends: true as const,
  test: { name, include: [include], testTimeout: timeout, hookTimeout: timeout },
});

export default defineConfig({
  test: {
    allowOnly: false,
    retry: 0,
    maxWorkers: Math.max(2, availableParallelism() - 1), // most suites wait for servers and browsers
    maxConcurrency: 2, // for tests that start compilers: more at once only makes each slower
    projects: [
      project("unit", "src/**/*.test.ts"),
      project("conformance", "test/conformance/**/*.test.ts"),
      project("security", "test/security/**/*.test.ts"),
      project("model", "test/model/**/*.test.ts", 300_000),
      project("package", "test/{package,types}/**/*.test.ts", 300_000),
      project("docs", "test/docs/**/*.test.ts", 60_000),
      project("browser", "test/browser/**/*.test.ts", 60_000),
    ],
  },
});
