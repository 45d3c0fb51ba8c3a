import { type H3Event, toResponse } from "h3";
import { withSessions } from "sojourn/fetch";
import { h3Server } from "../frameworks/h3.ts";
import { ourActs, ourSessions } from "../our-sessions.ts";
import type { Shop } from "../shop.ts";
import type { Subject } from "../subject.ts";

type Next = () => unknown;

export const subject: Subject = {
  library: "sojourn",
  framework: "h3 2",
  stores: ["memory", "cookie"],
  async start(store, address) {
    const sessions = await ourSessions(store, address);
    const handle = withSessions<Partial<Shop>, [H3Event, Next]>(
      sessions,
      async (_request, _session, event, next) => toResponse(await next(), event),
    );
    return h3Server(
      (app) => app.use((event, next) => handle(event.req, event, next)),
      ourActs((event) => sessions.of(event.req)),
    );
  },
};
