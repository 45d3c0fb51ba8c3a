/** The form for a new account. */
import { type Html, html } from "../html.ts";
import { sheet, textField } from "./forms.ts";
import { nextQuery } from "./sign-in.ts";

export interface SignUpForm {
  readonly name?: string;
  readonly email?: string;
  readonly next: string;
  readonly problems?: { readonly name?: string; readonly email?: string; readonly password?: string };
}

export function signUpPage({ name, email, next, problems = {} }: SignUpForm, csrf: Html): Html {
  const form = html`    <h1>Sign up</h1>
    <p>Have an account? <a href="/sign-in${nextQuery(next)}">Sign in</a>. No mail is ever sent: make an address up.</p>
    <form method="post" action="/sign-up">
      ${csrf}<input type="hidden" name="next" value="${next}">
      ${textField({ name: "name", label: "Name", autocomplete: "name", value: name, problem: problems.name })}
      ${textField({ name: "email", label: "E-mail address", type: "email", autocomplete: "username", value: email, problem: problems.email })}
      ${textField({
        name: "password",
        label: "Password",
        type: "password",
        autocomplete: "new-password",
        hint: "At least 10 characters. A few words do well.",
        problem: problems.password,
      })}
      <button class="main">Sign up</button>
    </form>`;
  return sheet("nasturtium", form);
}
