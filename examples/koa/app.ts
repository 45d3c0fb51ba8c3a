/** The application. The order counts: headers, bodies, sessions, routes. */
import Koa, { type DefaultState, type Middleware } from "koa";
import bodyParser from "koa-bodyparser";
import { koaSessions } from "sojourn/koa";
import { devicesPage, readingPage } from "./pages.ts";
import { sessions, type WithSession } from "./sessions.ts";

type Handler = Middleware<DefaultState, WithSession>;

const passwords = new Map([["ada", "engine"]]); // yours: a table of users with hashed passwords

export const app = new Koa<DefaultState, WithSession>();
app.use(async (ctx, next) => {
  ctx.set("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'");
  await next();
});
app.use(bodyParser()); // ahead of the sessions: the CSRF token of a form is in the body
app.use(koaSessions(sessions, { signInPath: "/" }));

const routes: Readonly<Record<string, Handler>> = {
  "GET /": (ctx) => {
    ctx.body = readingPage(ctx.session);
  },

  "POST /books": (ctx) => {
    const title = field(ctx, "title").trim().slice(0, 60);
    if (title !== "") ctx.session.update("books", (books) => [...books, title].slice(-20)); // two tabs lose nothing
    ctx.redirect("/");
  },

  "POST /sign-in": async (ctx) => {
    const name = field(ctx, "name");
    const password = field(ctx, "password");
    if (password !== "" && passwords.get(name) === password) {
      await ctx.session.login(name, { remember: field(ctx, "remember") === "on" });
      ctx.session.flash("notice", `Welcome, ${name}.`);
    } else ctx.session.flash("error", "That is not the password.");
    ctx.redirect("/");
  },

  "GET /devices": async (ctx) => {
    const { session } = ctx;
    const devices = await sessions.list(session.requireUser(), { current: session.id }); // visitors go to signInPath
    ctx.body = devicesPage(session, devices);
  },

  "POST /devices/sign-out": async (ctx) => {
    await sessions.revoke(ctx.session.requireUser(), field(ctx, "id")); // only ever a session of this user
    ctx.redirect("/devices");
  },

  "POST /sign-out": async (ctx) => {
    await ctx.session.logout();
    ctx.session.flash("notice", "You are signed out.");
    ctx.redirect("/");
  },
};
app.use((ctx, next) => (routes[`${ctx.method} ${ctx.path}`] ?? next)(ctx, next));

function field(ctx: Parameters<Handler>[0], name: string): string {
  const value = (ctx.request.body as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value : "";
}
