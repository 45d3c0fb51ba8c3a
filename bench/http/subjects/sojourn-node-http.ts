import type { Session } from "sojourn";
import { withSessions } from "sojourn/node";
import { nodeServer } from "../frameworks/node-http.ts";
import { ourActs, ourSessions } from "../our-sessions.ts";
import type { Shop } from "../shop.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "sojourn",
  framework: "node:http",
  stores: ["memory", "cookie"],
  async start(store, address) {
    const sessions = await ourSessions(store, address);
    return nodeServer<readonly [Session<Partial<Shop>>]>(
      (handler) => withSessions(sessions, handler),
      ourActs((_request, _response, session) => session),
    );
  },
};
