import { fastifySessions } from "sojourn/fastify";
import { fastifyServer } from "../frameworks/fastify.ts";
import { ourActs, ourSessions } from "../our-sessions.ts";
import { STORES } from "../results.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "sojourn",
  framework: "Fastify 5",
  stores: STORES.filter((store) => store !== "cookie"),
  async start(store, address) {
    const sessions = await ourSessions(store, address);
    return fastifyServer(
      (app) => app.register(fastifySessions(sessions)),
      ourActs((request) => sessions.of(request)),
    );
  },
};
