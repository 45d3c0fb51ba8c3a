/** What people see when something fails, in the shop's own frame. Each failure says whether anything was lost. */
import type { NextFunction, Request, Response } from "express";
import type { SojournError } from "sojourn";
import type { FailureAnswer } from "sojourn/express";
import { layout } from "./pages/layout.ts";
import { type Message, messagePage } from "./pages/message.ts";

const BACK = { href: "/", text: "Back to the shop" };

const MESSAGES: Readonly<Record<number, Message>> = {
  401: {
    heading: "You are signed out",
    text: "Your session ended before this arrived, so nothing was changed.",
    link: { href: "/sign-in", text: "Sign in" },
  },
  403: {
    heading: "Refused",
    text: "This did not come from a page of this shop, so nothing was changed.",
    link: BACK,
  },
  409: { heading: "Please try again", text: "Something changed in another tab meanwhile.", link: BACK },
  503: {
    heading: "Back in a moment",
    text: "The shop cannot reach its session store. You are still signed in, and your cart is safe. Please try again soon.",
    link: BACK,
  },
};

const BROKEN: Message = { heading: "Something broke here", text: "It is our fault, not yours.", link: BACK };

/** The adapter's `onFailure`. Where it answers `undefined` the adapter does: to the sign-in page, or in JSON. */
export function failurePage(error: SojournError, req: Request): FailureAnswer | undefined {
  if (!req.accepts("html") || (error.status === 401 && req.method === "GET")) return undefined;
  const message = MESSAGES[error.status] ?? BROKEN;
  const isHelpful = error.status === 403 || error.status === 500; // in development these say what to do
  const details = isHelpful && process.env.NODE_ENV !== "production" ? { details: error.message } : {};
  return { body: layout({ title: message.heading, main: messagePage({ ...message, ...details }) }) };
}

export function notFound(_req: Request, res: Response): void {
  const text = "There is no such page in this shop.";
  const main = messagePage({ heading: "Nothing here", text, link: BACK });
  res
    .status(404)
    .type("html")
    .send(layout({ title: "Nothing here", main }));
}

/** Whatever is not an error of sessions, such as a body that is too large. */
export function crashed(error: unknown, _req: Request, res: Response, next: NextFunction): void {
  if (res.headersSent) return next(error);
  const status = statusOf(error);
  if (status >= 500) console.error(error);
  const main = messagePage(
    status >= 500 ? BROKEN : { ...BROKEN, text: "That request makes no sense to us." },
  );
  res
    .status(status)
    .type("html")
    .send(layout({ title: BROKEN.heading, main }));
}

function statusOf(error: unknown): number {
  const status: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "status") : 0;
  return typeof status === "number" && status >= 400 && status < 600 ? status : 500;
}
