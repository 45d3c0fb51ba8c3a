import { expect, it } from "vitest";
import { withSessions } from "../adapters/fetch.ts";
import { PROFILES, type ProfileName } from "../core/profiles.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { TEST_ORIGIN } from "./browser.ts";
import { signedIn } from "./signed-in.ts";

it.each(Object.keys(PROFILES) as ProfileName[])(
  "under the profile %s a signed-in user is as strong as that asks for, and may post",
  async (profile) => {
    const sessions = createSessions({ store: memoryStore(), origin: TEST_ORIGIN, profile });
    const handler = withSessions(sessions, (_request, session) => {
      session.set("posted", true);
      return Response.json([session.userId, session.level, session.methods]);
    });
    const post = async (headers: Record<string, string>): Promise<unknown> =>
      (await handler(new Request(TEST_ORIGIN, { method: "POST", headers }))).json();
    const { level } = PROFILES[profile].leastLevel;
    expect(await post(await signedIn(sessions, "ada"))).toEqual(["ada", level, []]);
    const strong = await signedIn(sessions, "ada", {}, { level: 3, methods: ["hwk"] });
    expect(await post(strong)).toEqual(["ada", 3, ["hwk"]]);
  },
);
