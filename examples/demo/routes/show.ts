/** Answers with a page: gathers what the frame shows of the session, and what forms need. */
import type { Request, Response } from "express";
import { type Html, html } from "../html.ts";
import { layout } from "../pages/layout.ts";
import { type ShopSession, sessions } from "../sessions.ts";
import { users } from "../users.ts";

export function show(
  req: Request,
  res: Response,
  title: string,
  makeMain: (csrf: Html, session: ShopSession) => Html,
  status = 200,
): void {
  const session = sessions.of(req);
  const csrf = html`<input type="hidden" name="_csrf" value="${session.csrfToken()}">`;
  const page = layout({
    title,
    path: req.path,
    main: makeMain(csrf, session),
    visit: {
      user: session.userId === null ? null : users.find(session.userId),
      packets: Object.values(session.get("cart")).reduce((sum, count) => sum + count, 0),
      leftMs: session.expiresAt - Date.now(),
      flashes: session.flashes(), // each is shown once: reading removes it when this answer goes out
      csrf,
    },
  });
  res.status(status).type("html").send(page);
}
