import type { IncomingMessage, ServerResponse } from "node:http";
import { getIronSession, type IronSession } from "iron-session";
import { nodeServer } from "../frameworks/node-http.ts";
import type { Held } from "../held.ts";
import { SECRET } from "../secret.ts";
import { shop } from "../shop.ts";
import type { Subject } from "../subject.ts";

const options = { cookieName: "session", password: SECRET };
const heldBy = (request: IncomingMessage, response: ServerResponse): Promise<IronSession<Held>> =>
  getIronSession<Held>(request, response, options);

export const subject: Subject = {
  library: "iron-session",
  framework: "node:http",
  stores: ["cookie"],
  start: async () =>
    nodeServer<readonly []>((handler) => handler, {
      async read(request, response) {
        const { user = null, theme = null } = await heldBy(request, response);
        return { user, theme };
      },
      async write(request, response) {
        const held = await heldBy(request, response);
        held.visits = (held.visits ?? 0) + 1;
        await held.save();
        return held.visits;
      },
      async login(user, request, response) {
        const held = await heldBy(request, response);
        Object.assign(held, { user, ...shop() });
        await held.save();
      },
      async logout(request, response) {
        (await heldBy(request, response)).destroy();
      },
    }),
};
