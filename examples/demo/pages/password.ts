/** A new password. Whoever sees this form has proved within five minutes who they are. */
import { type Html, html } from "../html.ts";
import { sheet, textField } from "./forms.ts";

export function passwordPage(email: string, problem: string | undefined, csrf: Html): Html {
  const form = html`    <h1>Change your password</h1>
    <p>You will stay signed in here, and be signed out everywhere else.</p>
    <form method="post" action="/password">
      ${csrf}<input type="hidden" name="username" value="${email}" autocomplete="username">
      ${textField({
        name: "password",
        label: "New password",
        type: "password",
        autocomplete: "new-password",
        hint: "At least 10 characters. A few words do well.",
        problem,
      })}
      <button class="main">Change the password</button>
    </form>`;
  return sheet("chard", form);
}
