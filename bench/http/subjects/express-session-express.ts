import type { Request } from "express";
import session from "express-session";
import { EXPRESS_STORES, expressStore } from "../express-stores.ts";
import { expressServer } from "../frameworks/express.ts";
import { type Held, heldActs } from "../held.ts";
import { SECRET } from "../secret.ts";
import { shop } from "../shop.ts";
import type { Subject } from "../subject.ts";

type Call = (done: (error?: unknown) => void) => unknown;
interface Acting extends Held {
  regenerate: Call;
  save: Call;
  destroy: Call;
}

const heldBy = (request: Request): Acting => (request as Request & { session: Acting }).session;
const settled = (call: Call): Promise<void> =>
  new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()));
  });

export const subject: Subject = {
  library: "express-session",
  framework: "Express 5",
  stores: EXPRESS_STORES,
  async start(name, address) {
    const store = await expressStore(name, address);
    return expressServer(
      (app) => {
        app.use(
          session({
            store,
            secret: SECRET,
            resave: false,
            saveUninitialized: false,
            cookie: { secure: true },
          }),
        );
      },
      {
        ...heldActs(heldBy),
        async login(user, request) {
          await settled((done) => heldBy(request).regenerate(done));
          Object.assign(heldBy(request), { user, ...shop() });
          await settled((done) => heldBy(request).save(done));
        },
        logout: (request) => settled((done) => heldBy(request).destroy(done)),
      },
    );
  },
};
