/** "Activity": what happened to this account, newest first. Something strange in here is a reason to act. */
import type { Activity } from "../activity.ts";
import { type Html, html } from "../html.ts";
import { moment } from "./times.ts";

export function activityPage(entries: readonly Activity[]): Html {
  return html`<h1>Activity</h1>
    <p class="lead">What happened to your account, told by the events of its sessions. If something was not you,
      <a href="/devices">sign that device out</a> and <a href="/password">change your password</a>.</p>
    <ol class="activity">
      ${entries.map(
        ({ at, what, device }) => html`<li><b>${what}</b> <span>${device}</span> ${moment(at)}</li>`,
      )}
    </ol>
    ${entries.length === 0 && html`<p class="hint">Nothing yet.</p>`}`;
}
