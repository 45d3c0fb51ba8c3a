/** The sign-in form. Somebody signed in already proves with it that they are still themselves. */
import { type Html, html } from "../html.ts";
import { formProblem, sheet, textField } from "./forms.ts";

export interface SignInForm {
  readonly email?: string;
  readonly next: string;
  readonly problem?: string;
  /** Who is signed in already, if anybody. */
  readonly again?: { readonly name: string; readonly email: string } | null;
}

export function signInPage({ email, next, problem, again }: SignInForm, csrf: Html): Html {
  const form = html`    <h1>${again ? "Is it still you?" : "Sign in"}</h1>
    ${
      again
        ? html`<p>You are signed in as ${again.name}. What comes next needs a recent sign-in, so please enter your
            password again. Your cart stays as it is.</p>`
        : html`<p>No account yet? <a href="/sign-up${nextQuery(next)}">Sign up</a>. It takes a name, an address you make up,
            and a password.</p>`
    }
    ${formProblem(problem)}
    <form method="post" action="/sign-in">
      ${csrf}<input type="hidden" name="next" value="${next}">
      ${textField({ name: "email", label: "E-mail address", type: "email", autocomplete: "username", value: email ?? again?.email })}
      ${textField({ name: "password", label: "Password", type: "password", autocomplete: "current-password" })}
      <div class="choice">
        <input id="remember" name="remember" type="checkbox" value="on" aria-describedby="remember-hint">
        <label for="remember">Stay signed in on this device</label>
        <p class="hint" id="remember-hint">For two weeks after your last visit, even if you close the browser.
          Otherwise you are signed out after half an hour without use.</p>
      </div>
      <button class="main">${again ? "Confirm" : "Sign in"}</button>
    </form>`;
  return sheet("poppy", form);
}

export function nextQuery(next: string): string {
  return next === "/" ? "" : `?next=${encodeURIComponent(next)}`;
}
