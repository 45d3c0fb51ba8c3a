/** What the server knows of the session this page was asked for with. Nothing on it is a secret. */
import { type Html, html } from "../html.ts";
import type { ShopSession } from "../sessions.ts";
import { moment } from "./times.ts";

export interface Explanation {
  readonly code: string;
  readonly message: string;
}

export function sessionPage(session: ShopSession, explanation: Explanation): Html {
  const stored = session.isNew ? "nothing yet, so it costs no row" : "one row in sessions.db";
  return html`<h1>This session</h1>
    <p class="lead">${
      session.userId === null
        ? "You are a visitor. A session is stored with the first thing you put into the cart, not before."
        : "You are signed in. The cookie holds a secret, the store holds only its hash."
    }</p>
    <dl class="facts">
      <dt>Why it is what it is</dt>
      <dd><code>${explanation.code}</code> ${explanation.message}</dd>
      <dt>Public id</dt>
      <dd><code>${session.id}</code> Safe to show and to log: it opens nothing.</dd>
      <dt>Stored</dt>
      <dd>${stored}</dd>
      <dt>Began</dt>
      <dd>${moment(session.createdAt)}</dd>
      ${session.authenticatedAt !== null && html`<dt>Last sign-in</dt><dd>${moment(session.authenticatedAt)}</dd>`}
      <dt>Ends without use</dt>
      <dd>${moment(session.expiresAt)}</dd>
      <dt>Data</dt>
      <dd><code>${JSON.stringify(Object.fromEntries(session.entries()))}</code></dd>
    </dl>
    ${
      session.userId !== null &&
      html`<p>More of yours are listed under <a href="/devices">your devices</a>.</p>`
    }`;
}
