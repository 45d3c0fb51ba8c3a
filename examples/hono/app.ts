/** A list of teas on Hono: sign in, keep a typed value, see one's devices, sign one of them out. */
import { Hono } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { honoSessions } from "sojourn/hono";
import { devicesPage, homePage } from "./pages.ts";
import { sessions } from "./sessions.ts";

const passwords = new Map([["ada", "engine"]]); // yours: a table of users with hashed passwords

export const app = new Hono();
app.use(secureHeaders({ contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"] } }));

const pages = app.use(honoSessions(sessions, { signInPath: "/" })); // from here on c.var.session is typed

pages.get("/", (c) => c.html(homePage(c.var.session)));

pages.post("/teas", async (c) => {
  const { tea } = await c.req.parseBody();
  if (typeof tea === "string" && tea.trim() !== "")
    c.var.session.update("teas", (teas) => [...teas, tea.trim().slice(0, 40)].slice(-20));
  return c.redirect("/", 303);
});

pages.post("/sign-in", async (c) => {
  const { session } = c.var;
  const { user, password, remember } = await c.req.parseBody();
  if (typeof user === "string" && passwords.get(user) === password) {
    await session.login(user, { remember: remember === "on" });
    session.flash("notice", `Welcome, ${user}.`);
  } else session.flash("error", "That is not the password.");
  return c.redirect("/", 303);
});

pages.get("/devices", async (c) => {
  const { session } = c.var;
  const devices = await sessions.list(session.requireUser(), { current: session.id }); // visitors go to signInPath
  return c.html(devicesPage(session, devices));
});

pages.post("/devices/:id", async (c) => {
  await sessions.revoke(c.var.session.requireUser(), c.req.param("id")); // only ever a session of this user
  return c.redirect("/devices", 303);
});

pages.post("/sign-out", async (c) => {
  await c.var.session.logout();
  c.var.session.flash("notice", "Signed out.");
  return c.redirect("/", 303);
});
