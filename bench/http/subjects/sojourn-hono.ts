import { honoSessions } from "sojourn/hono";
import { honoServer } from "../frameworks/hono.ts";
import { ourActs, ourSessions } from "../our-sessions.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "sojourn",
  framework: "Hono 4",
  stores: ["memory", "redis", "cookie"],
  async start(store, address) {
    const sessions = await ourSessions(store, address);
    return honoServer(
      (app) => app.use(honoSessions(sessions)),
      ourActs((context) => sessions.of(context)),
    );
  },
};
