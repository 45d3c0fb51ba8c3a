/** One process of a deployment: an application in version 1 or 2, writing into the sessions whose cookies it is given. */
import { createSessions } from "../../../src/create-sessions.ts";
import { TestBrowser } from "../../../src/testing/browser.ts";
import { shopOf } from "./version-shop.ts";

interface Task {
  readonly path: string;
  readonly jars: readonly (readonly (readonly [string, string])[])[];
  readonly version: 1 | 2;
  readonly worker: number;
  readonly rounds: number;
}

process.once("message", (task: Task) => void work(task));

async function work({ path, jars, version, worker, rounds }: Task): Promise<void> {
  const sessions = createSessions(shopOf(version, path));
  await sessions.ready();
  process.send?.("ready");
  await new Promise((resolve) => process.once("message", resolve));
  const visits = jars.flatMap((jar) =>
    Array.from({ length: rounds }, async (_, round) => {
      const { value, status } = await new TestBrowser(sessions, new Map(jar)).visit(
        (session) => {
          session.update("count", (count) => Number(count ?? 0) + 1);
          session.set(`round-${worker}-${round}`, version);
          return session.userId;
        },
        { method: "POST" },
      );
      return value === null ? "logged out" : status;
    }),
  );
  const statuses = await Promise.all(visits);
  await sessions.close();
  process.send?.(statuses);
  process.disconnect();
}
