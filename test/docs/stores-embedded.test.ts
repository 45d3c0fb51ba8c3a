// The pages on SQLite, files and memory: their programs run.
import { afterAll, describe, expect, test } from "vitest";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { createWorkspace } from "./support/workspace.ts";

const workspaceOf = (name: string) => {
  const workspace = createWorkspace(filesOf(readDocument(`docs/stores/${name}.md`)));
  afterAll(() => workspace[Symbol.asyncDispose]());
  return workspace;
};

describe("the page on SQLite", () => {
  const workspace = workspaceOf("sqlite");

  test("the backup is a database that the store opens", async () => {
    await workspace.write(
      "restore.ts",
      `import { createSessions } from "sojourn";
       import { sqliteStore } from "sojourn/stores/sqlite";
       import { signedIn } from "sojourn/testing";
       import { sessions } from "./sessions.ts";
       await import("./compact.ts");
       await signedIn(sessions, "grace");
       await import("./backup.ts");
       await sessions.close();
       const restored = createSessions({ store: sqliteStore("sessions-backup.db") });
       console.log((await restored.list("grace")).length);
       await restored.close();`,
    );
    expect(await workspace.node("restore.ts")).toMatchObject({ code: 0, stdout: "1\n" });
  });
});

describe.each(["file", "memory"])("the page on %s", (name) => {
  const workspace = workspaceOf(name);

  test("has sessions that work", async () => {
    await workspace.write(
      "use.ts",
      `import { signedIn } from "sojourn/testing";
       import { sessions } from "./sessions.ts";
       await signedIn(sessions, "grace");
       console.log((await sessions.list("grace")).length);
       await sessions.close();`,
    );
    expect(await workspace.node("use.ts")).toMatchObject({ code: 0, stdout: "1\n" });
  });
});
