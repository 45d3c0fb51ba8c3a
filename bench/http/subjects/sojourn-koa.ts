import { koaSessions } from "sojourn/koa";
import { koaServer } from "../frameworks/koa.ts";
import { ourActs, ourSessions } from "../our-sessions.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "sojourn",
  framework: "Koa 3",
  stores: ["memory", "redis", "cookie"],
  async start(store, address) {
    const sessions = await ourSessions(store, address);
    return koaServer(
      (app) => app.use(koaSessions(sessions)),
      ourActs((context) => sessions.of(context)),
    );
  },
};
