/** The Express application. The order counts: files, headers, bodies, sessions, routes, failures. */
import { fileURLToPath } from "node:url";
import express, { type Express, type NextFunction, type Request, type Response } from "express";
import { expressSessions, sessionErrors } from "sojourn/express";
import { crashed, failurePage, notFound } from "./failures.ts";
import { account } from "./routes/activity.ts";
import { cart } from "./routes/cart.ts";
import { devices } from "./routes/devices.ts";
import { password } from "./routes/password.ts";
import { session } from "./routes/session.ts";
import { shop } from "./routes/shop.ts";
import { signIn } from "./routes/sign-in.ts";
import { sessions } from "./sessions.ts";

export function createApp(): Express {
  const app = express();
  app.disable("x-powered-by");
  app.use(headers);
  app.use(express.static(fileURLToPath(new URL("public", import.meta.url)))); // ahead of sessions: files need none
  app.use(express.urlencoded({ extended: false, limit: "10kb" })); // ahead of sessions: `_csrf` is in the body
  app.use(expressSessions<Request>(sessions, { signInPath: "/sign-in", onFailure: failurePage }));
  app.use(shop, cart, signIn, devices, account, password, session);
  app.use(notFound);
  app.use(sessionErrors(sessions)); // what `requireUser` and the like throw is answered as above
  app.use(crashed);
  return app;
}

/** Only what this server serves itself may run or be shown; no page of it in a foreign frame. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

function headers(_req: Request, res: Response, next: NextFunction): void {
  res.set({
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cache-control": "no-store", // after signing out, the back button shows nothing; files set their own
  });
  next();
}
