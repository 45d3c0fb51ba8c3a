// The routes of the benchmark on Fastify.
import type { Server } from "node:http";
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { DONE, userOf } from "../shop.ts";
import type { Acts } from "../subject.ts";

/** `mount` registers the library's plugins in front of the routes. */
export async function fastifyServer(
  mount: (app: FastifyInstance) => unknown,
  acts: Acts<readonly [FastifyRequest, FastifyReply]>,
): Promise<Server> {
  const app = Fastify({ trustProxy: true });
  const { anonymous = acts.read } = acts;
  await mount(app);
  app.get("/untouched", async () => DONE);
  app.get("/anonymous", async (request, reply) => anonymous(request, reply));
  app.get("/read", async (request, reply) => acts.read(request, reply));
  app.post("/write", async (request, reply) => ({ visits: await acts.write(request, reply) }));
  app.post("/login", async (request, reply) => {
    await acts.login(userOf(request.body), request, reply);
    return DONE;
  });
  app.post("/logout", async (request, reply) => {
    await acts.logout(request, reply);
    return DONE;
  });
  await app.ready();
  return app.server;
}
