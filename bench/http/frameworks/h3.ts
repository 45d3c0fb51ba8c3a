// The routes of the benchmark on h3.
import { createServer, type Server } from "node:http";
import { H3, type H3Event, readBody } from "h3";
import { toNodeHandler } from "h3/node";
import { DONE, userOf } from "../shop.ts";
import type { Acts } from "../subject.ts";

/** `mount` uses the library's middleware in front of the routes. */
export function h3Server(mount: (app: H3) => void, acts: Acts<readonly [H3Event]>): Server {
  const app = new H3();
  const { anonymous = acts.read } = acts;
  mount(app);
  app.get("/untouched", () => DONE);
  app.get("/anonymous", (event) => anonymous(event));
  app.get("/read", (event) => acts.read(event));
  app.post("/write", async (event) => {
    await readBody(event);
    return { visits: await acts.write(event) };
  });
  app.post("/login", async (event) => {
    await acts.login(userOf(await readBody(event)), event);
    return DONE;
  });
  app.post("/logout", async (event) => {
    await acts.logout(event);
    return DONE;
  });
  return createServer(toNodeHandler(app));
}
