/** What the server knows of this session, and how much time it has left. */
import { Router } from "express";
import { sessionPage } from "../pages/session.ts";
import { sessions } from "../sessions.ts";
import { show } from "./show.ts";

export const session = Router();

session.get("/session", async (req, res) => {
  const explanation = await sessions.explain(req);
  show(req, res, "This session", (_csrf, session) => sessionPage(session, explanation));
});

/** "Stay signed in": using the session is all it takes, and a form proves that it was a person who did. */
session.post("/session/stay", (req, res) => {
  const { userId } = sessions.of(req);
  if (req.accepts("html")) res.redirect(303, userId === null ? "/sign-in" : "/session");
  else res.sendStatus(userId === null ? 401 : 204);
});

/** Asked by public/time-left.js. `peek` never extends a session: a page left open does not keep anybody signed in. */
session.get("/session/time-left", async (req, res) => {
  const session = await sessions.peek(req);
  res.json({ left: session?.userId ? session.expiresAt - Date.now() : null });
});
