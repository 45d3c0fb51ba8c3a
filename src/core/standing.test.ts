import { expect, it } from "vitest";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { TEST_ORIGIN, TestBrowser } from "../testing/browser.ts";

it("says nothing of a login by one factor, so that reading its session parses nothing", async () => {
  const store = memoryStore();
  const sessions = createSessions({ store, origin: TEST_ORIGIN, mode: "development" });
  const stated = async (level: 1 | 2): Promise<readonly unknown[]> => {
    const tab = new TestBrowser(sessions);
    await tab.visit((session) => session.login("ada", { level }), { method: "POST" });
    const { value } = await tab.visit((session) => [session.id, session.level] as const);
    const [id, read] = value ?? ["", null];
    const found = await store.load(id as Parameters<typeof store.load>[0], { now: Date.now() });
    return [found && "about" in found ? found.about : undefined, read];
  };
  expect(await stated(1)).toEqual([null, 1]);
  expect(await stated(2)).toEqual(['{"level":2}', 2]);
});
