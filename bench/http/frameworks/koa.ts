// The routes of the benchmark on Koa.
import { createServer, type Server } from "node:http";
import Koa, { type Context } from "koa";
import bodyParser from "koa-bodyparser";
import { DONE, userOf } from "../shop.ts";
import type { Acts } from "../subject.ts";

type Route = (context: Context) => Promise<unknown>;

/** `mount` uses the library's middleware in front of the routes. */
export function koaServer(mount: (app: Koa) => void, acts: Acts<readonly [Context]>): Server {
  const app = new Koa();
  app.proxy = true;
  app.use(bodyParser());
  mount(app);
  const { anonymous = acts.read } = acts;
  const routes: Readonly<Record<string, Route>> = {
    "GET /untouched": async () => DONE,
    "GET /anonymous": async (context) => anonymous(context),
    "GET /read": async (context) => acts.read(context),
    "POST /write": async (context) => ({ visits: await acts.write(context) }),
    "POST /login": async (context) => {
      await acts.login(userOf(bodyOf(context)), context);
      return DONE;
    },
    "POST /logout": async (context) => {
      await acts.logout(context);
      return DONE;
    },
  };
  app.use(async (context) => {
    const route = routes[`${context.method} ${context.path}`];
    if (route) context.body = await route(context);
  });
  const listen = app.callback();
  return createServer((request, response) => void listen(request, response));
}

/** As the parser leaves it. */
function bodyOf({ request }: Context): unknown {
  return "body" in request ? request.body : undefined;
}
