/** One of four processes on one SQLite file: writes into the session whose cookies it is given, and reports. */
import { createSessions } from "../../../src/create-sessions.ts";
import { sqliteStore } from "../../../src/stores/sqlite.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";

interface Task {
  readonly path: string;
  readonly jar: readonly (readonly [string, string])[];
  readonly worker: number;
  readonly increments: number;
}

process.once("message", (task: Task) => void work(task));

async function work(task: Task): Promise<void> {
  const sessions = createSessions<Record<string, unknown>>({
    store: sqliteStore(task.path),
    origin: TEST_ORIGIN,
  });
  const browser = (): TestBrowser => new TestBrowser(sessions, new Map(task.jar));
  await sessions.ready();
  process.send?.("ready");
  await new Promise((resolve) => process.once("message", resolve));
  const statuses = await Promise.all(
    Array.from({ length: task.increments }, async (_, index) => {
      const visited = await browser().visit(
        (session) => {
          session.update("count", (value) => Number(value ?? 0) + 1);
          session.set(`key-${task.worker}-${index}`, true);
        },
        { method: "POST" },
      );
      return visited.status;
    }),
  );
  await sessions.close();
  process.send?.(statuses);
  process.disconnect();
}
