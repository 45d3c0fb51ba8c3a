import cookieSession from "cookie-session";
import type { Request } from "express";
import { expressServer } from "../frameworks/express.ts";
import { SECRET } from "../secret.ts";
import { type Shop, shop } from "../shop.ts";
import type { Subject } from "../subject.ts";

interface Holding {
  session: (Partial<Shop> & { user?: string }) | null;
}

const holding = (request: Request): Holding => request as object as Holding;

const DAY_MS = 24 * 60 * 60 * 1000;

export const subject: Subject = {
  library: "cookie-session",
  framework: "Express 5",
  stores: ["cookie"],
  start: async () =>
    expressServer((app) => app.use(cookieSession({ keys: [SECRET], maxAge: DAY_MS })), {
      read(request) {
        const { user = null, theme = null } = holding(request).session ?? {};
        return { user, theme };
      },
      write(request) {
        const { session } = holding(request);
        const visits = (session?.visits ?? 0) + 1;
        if (session) session.visits = visits;
        return visits;
      },
      login(user, request) {
        Object.assign(holding(request).session ?? {}, { user, ...shop() });
      },
      logout(request) {
        holding(request).session = null;
      },
    }),
};
