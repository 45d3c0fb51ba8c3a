import fastifyCookie from "@fastify/cookie";
import fastifySession from "@fastify/session";
import type { FastifyRequest } from "fastify";
import { EXPRESS_STORES, expressStore } from "../express-stores.ts";
import { fastifyServer } from "../frameworks/fastify.ts";
import { SECRET } from "../secret.ts";
import { type Shop, shop } from "../shop.ts";
import type { Subject } from "../subject.ts";

type Held = Partial<Shop> & { user?: string };

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
        read(request) {
          const { user = null, theme = null } = heldBy(request);
          return { user, theme };
        },
        write(request) {
          const held = heldBy(request);
          held.visits = (held.visits ?? 0) + 1;
          return held.visits;
        },
        async login(user, request) {
          await request.session.regenerate();
          Object.assign(heldBy(request), { user, ...shop() });
        },
        logout: (request) => request.session.destroy(),
      },
    );
  },
};
