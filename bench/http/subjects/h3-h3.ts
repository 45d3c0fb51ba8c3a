import { type H3Event, type SessionManager, useSession } from "h3";
import { h3Server } from "../frameworks/h3.ts";
import type { Held } from "../held.ts";
import { SECRET } from "../secret.ts";
import { shop } from "../shop.ts";
import type { Subject } from "../subject.ts";

const heldBy = (event: H3Event): Promise<SessionManager<Held>> =>
  useSession<Held>(event, { password: SECRET });

export const subject: Subject = {
  library: "h3",
  framework: "h3 2",
  stores: ["cookie"],
  start: async () =>
    h3Server(() => {}, {
      async read(event) {
        const { user = null, theme = null } = (await heldBy(event)).data;
        return { user, theme };
      },
      async write(event) {
        const session = await heldBy(event);
        const visits = (session.data.visits ?? 0) + 1;
        await session.update({ visits });
        return visits;
      },
      async login(user, event) {
        await (await heldBy(event)).update({ user, ...shop() });
      },
      async logout(event) {
        await (await heldBy(event)).clear();
      },
    }),
};
