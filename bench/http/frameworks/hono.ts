// The routes of the benchmark on Hono.
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { DONE, userOf } from "../shop.ts";
import type { Acts } from "../subject.ts";

/** `mount` uses the library's middleware in front of the routes. */
export function honoServer(mount: (app: Hono) => void, acts: Acts<readonly [Context]>): Server {
  const app = new Hono();
  const { anonymous = acts.read } = acts;
  mount(app);
  app.get("/untouched", (c) => c.json(DONE));
  app.get("/anonymous", async (c) => c.json(await anonymous(c)));
  app.get("/read", async (c) => c.json(await acts.read(c)));
  app.post("/write", async (c) => {
    await c.req.json();
    return c.json({ visits: await acts.write(c) });
  });
  app.post("/login", async (c) => {
    await acts.login(userOf(await c.req.json()), c);
    return c.json(DONE);
  });
  app.post("/logout", async (c) => {
    await acts.logout(c);
    return c.json(DONE);
  });
  const listen = getRequestListener(app.fetch);
  return createServer((request, response) => void listen(request, response));
}
