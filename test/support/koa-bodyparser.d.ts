/** The types of koa-bodyparser as far as they are used here. Applications get them from @types/koa-bodyparser. */
import type { Middleware } from "koa";

declare module "koa" {
  interface Request {
    body?: unknown;
  }
}

export default function bodyParser(): Middleware;
