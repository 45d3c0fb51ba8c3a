/** Changing the password: asks for a recent sign-in first, and ends every other session afterwards. */
import { Router } from "express";
import { passwordPage } from "../pages/password.ts";
import { sessions } from "../sessions.ts";
import { users } from "../users.ts";
import { field } from "./input.ts";
import { show } from "./show.ts";

export const password = Router();

password.get("/password", (req, res) => {
  const session = sessions.of(req);
  session.requireFresh(); // older than five minutes: to the sign-in page and back
  const user = users.find(session.requireUser());
  show(req, res, "Change your password", (csrf) => passwordPage(user?.email ?? "", undefined, csrf));
});

password.post("/password", async (req, res) => {
  const session = sessions.of(req);
  session.requireFresh();
  const userId = session.requireUser();
  const chosen = field(req, "password");
  const problem = passwordProblem(chosen);
  if (problem) {
    const email = users.find(userId)?.email ?? "";
    return show(req, res, "Change your password", (csrf) => passwordPage(email, problem, csrf), 422);
  }
  await users.setPassword(userId, chosen); // first, so that a sign-in under way cannot use the old one any more
  await sessions.revokeAll(userId, { except: session.id });
  session.flash("notice", "Your password is changed. You are signed out everywhere else.");
  res.redirect(303, "/devices");
});

/** Length is what counts (NIST SP 800-63B 3.1.1); a real shop also refuses passwords known from leaks. */
export function passwordProblem(chosen: string): string | undefined {
  if (chosen.length < 10) return "Please take at least 10 characters.";
  if (chosen.length > 200) return "Please take at most 200 characters.";
  return undefined;
}
