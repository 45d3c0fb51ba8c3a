/** Signing in, up and out. */
import { type Request, Router } from "express";
import { signInPage } from "../pages/sign-in.ts";
import { signUpPage } from "../pages/sign-up.ts";
import { sessions } from "../sessions.ts";
import { type User, users } from "../users.ts";
import { field, wayBack } from "./input.ts";
import { passwordProblem } from "./password.ts";
import { show } from "./show.ts";

export const signIn = Router();

signIn.get("/sign-in", (req, res) => {
  const again = whoIsHere(req);
  show(req, res, "Sign in", (csrf) => signInPage({ next: wayBack(req.query.next), again }, csrf));
});

/** A real shop also slows down who tries passwords: by address, and by account. That is not what a session does. */
signIn.post("/sign-in", async (req, res) => {
  const session = sessions.of(req);
  const next = wayBack(field(req, "next"));
  const email = field(req, "email");
  const user = users.findByEmail(email);
  // The ticket comes before the password is read. Should the password be changed while we check the old one, the
  // sign-in below is refused, so that "sign out everywhere else" really means everywhere.
  const ticket = await sessions.beginLogin(user?.id ?? "nobody");
  const isRight = await users.hasPassword(user?.id ?? null, field(req, "password")); // as slow where nobody has that address
  if (!user || !isRight) {
    const problem = "This address and this password do not belong together.";
    const form = { email, next, problem, again: whoIsHere(req) };
    return show(req, res, "Sign in", (csrf) => signInPage(form, csrf), 422);
  }
  await session.login(user.id, {
    remember: field(req, "remember") === "on",
    ticket,
  });
  session.flash("notice", `Welcome back, ${user.name}.`);
  res.redirect(303, next);
});

signIn.get("/sign-up", (req, res) => {
  show(req, res, "Sign up", (csrf) => signUpPage({ next: wayBack(req.query.next) }, csrf));
});

signIn.post("/sign-up", async (req, res) => {
  const session = sessions.of(req);
  const next = wayBack(field(req, "next"));
  const [name, email, password] = [field(req, "name"), field(req, "email"), field(req, "password")];
  const problems: { name?: string; email?: string; password?: string } = {};
  if (name.trim() === "" || name.length > 80) problems.name = "Please give a name of up to 80 letters.";
  if (!/^[^\s@]+@[^\s@]+$/.test(email.trim()) || email.length > 200) {
    problems.email = "Please give an address such as ada@example.com.";
  }
  const tooWeak = passwordProblem(password);
  if (tooWeak) problems.password = tooWeak;
  const user = Object.keys(problems).length > 0 ? null : await users.create(name, email, password);
  if (!user) {
    // A real shop would say the same in both cases and send a mail: this answer tells who has an account.
    if (Object.keys(problems).length === 0) problems.email = "This address has an account already.";
    return show(req, res, "Sign up", (csrf) => signUpPage({ name, email, next, problems }, csrf), 422);
  }
  await session.login(user.id);
  session.flash("notice", `Welcome, ${user.name}. Your cart came along.`);
  res.redirect(303, next);
});

signIn.post("/sign-out", async (req, res) => {
  const session = sessions.of(req);
  await session.logout();
  session.flash("notice", "You are signed out."); // in the visitor's session that takes its place
  res.redirect(303, "/");
});

/** Somebody signed in may be asked for the password again: see requireFresh in password.ts. */
function whoIsHere(req: Request): User | null {
  const { userId } = sessions.of(req);
  return userId === null ? null : users.find(userId);
}
