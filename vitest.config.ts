import { defineConfig } from "vitest/config";

const project = (name: string, ...include: string[]) => ({
  extends: true as const,
  test: { name, include },
});

export default defineConfig({
  test: {
    allowOnly: false,
    retry: 0,
    projects: [
      project("unit", "src/**/*.test.ts"),
      project("conformance", "test/conformance/**/*.test.ts"),
      project("security", "test/security/**/*.test.ts"),
      project("model", "test/model/**/*.test.ts"),
      project("package", "test/{package,types}/**/*.test.ts"),
      project("docs", "test/docs/**/*.test.ts"),
      project("browser", "test/browser/**/*.test.ts"),
    ],
  },
});
