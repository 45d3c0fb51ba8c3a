import { expressSessions, sessionErrors } from "sojourn/express";
import { expressServer } from "../frameworks/express.ts";
import { ourActs, ourSessions } from "../our-sessions.ts";
import { STORES } from "../results.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "sojourn",
  framework: "Express 5",
  stores: STORES,
  async start(store, address) {
    const sessions = await ourSessions(store, address);
    return expressServer(
      (app) => app.use(expressSessions(sessions)),
      ourActs((req) => sessions.of(req)),
      (app) => app.use(sessionErrors(sessions)),
    );
  },
};
