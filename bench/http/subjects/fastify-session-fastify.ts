import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import type { FastifyRequest } from "fastify";
import { EXPRESS_STORES, expressStore } from "../express-stores.ts";
import { fastifyServer } from "../frameworks/fastify.ts";
import { type Held, heldActs } from "../held.ts";
import { SECRET } from "../secret.ts";
import { shop } from "../shop.ts";
import type { Subject } from "../subject.ts";

const heldBy = (request: FastifyRequest): Held => request.session as Held;

export const subject: Subject = {
  library: "@fastify/session",
  framework: "Fastify 5",
  stores: EXPRESS_STORES,
  async start(name, address) {
    const store = name === "memory" ? null : await expressStore(name, address);
    return fastifyServer(
      async (app) => {
        await app.register(fastifyCookie);
        await app.register(fastifySession, {
          secret: SECRET,
          saveUninitialized: false,
          ...(store && { store: store as fastifySession.SessionStore }),
        });
      },
      {
        ...heldActs(heldBy),
        async login(user, request) {
          await request.session.regenerate();
          Object.assign(heldBy(request), { user, ...shop() });
        },
        logout: (request) => request.session.destroy(),
      },
    );
  },
};
