/** The application. The order counts: headers, bodies, sessions, routes. */
import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance } from "fastify";
import { SojournError } from "sojourn";
import { fastifySessions } from "sojourn/fastify";
import { devicesPage, tablePage } from "./pages.ts";
import { sessions } from "./sessions.ts";

const passwords = new Map([["ada", "engine"]]); // yours: a table of users with hashed passwords

/** What a form may hold. Fastify refuses what does not fit before the handler runs. */
const fields = (...required: readonly string[]) => ({
  body: {
    type: "object",
    required,
    properties: Object.fromEntries(
      required.map((name) => [name, { type: "string", minLength: 1, maxLength: 60 }]),
    ),
  },
});

export const app: FastifyInstance = Fastify({ logger: { level: "error" } });
app.addHook("onRequest", async (_request, reply) => {
  reply.header(
    "content-security-policy",
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
  );
});
await app.register(formbody);
await app.register(fastifySessions(sessions, { signInPath: "/" }));

app.setErrorHandler((error: { statusCode?: number; validation?: unknown }, request, reply) => {
  if (error instanceof SojournError) throw error; // sojourn/fastify answers it
  if (error.validation !== undefined) return reply.code(400).send("Please fill in the form.");
  request.log.error(error);
  return reply.code(500).send("Something broke here.");
});

app.get("/", async (request, reply) => reply.type("text/html").send(tablePage(sessions.of(request))));

app.post<{ Body: { dish: string } }>("/wishes", { schema: fields("dish") }, async (request, reply) => {
  const wish = { dish: request.body.dish, at: new Date() };
  sessions.of(request).update("wishes", (wishes) => [...wishes, wish].slice(-20)); // two tabs lose nothing
  return reply.redirect("/", 303);
});

interface Credentials {
  name: string;
  password: string;
  remember?: string;
}

app.post<{ Body: Credentials }>(
  "/sign-in",
  { schema: fields("name", "password") },
  async (request, reply) => {
    const { name, password, remember } = request.body;
    const session = sessions.of(request);
    if (passwords.get(name) === password) {
      await session.login(name, { remember: remember === "on" });
      session.flash("notice", `Welcome, ${name}.`);
    } else session.flash("error", "That is not the password.");
    return reply.redirect("/", 303);
  },
);

app.get("/devices", async (request, reply) => {
  const session = sessions.of(request);
  const devices = await sessions.list(session.requireUser(), { current: session.id }); // visitors go to signInPath
  return reply.type("text/html").send(devicesPage(session, devices));
});

app.post<{ Body: { id: string } }>("/devices/sign-out", { schema: fields("id") }, async (request, reply) => {
  await sessions.revoke(sessions.of(request).requireUser(), request.body.id); // only ever a session of this user
  return reply.redirect("/devices", 303);
});

app.post("/sign-out", async (request, reply) => {
  const session = sessions.of(request);
  await session.logout();
  session.flash("notice", "You are signed out.");
  return reply.redirect("/", 303);
});
