/** "Your devices": every session of this user, newest first, each with a way to end it. */
import type { SessionInfo } from "sojourn";
import { deviceName } from "sojourn/devices";
import { type Html, html } from "../html.ts";
import { deviceIcon, kindOf } from "./device-icon.ts";
import { ago, inWords, moment } from "./times.ts";

/** `null`: the sessions are where nobody can list them. */
export function devicesPage(devices: readonly SessionInfo[] | null, now: number, csrf: Html): Html {
  if (devices === null) {
    return html`<h1>Your devices</h1>
    <p class="lead">Sessions are kept in the cookies of each browser, so there is no list of them. They can be ended all
      the same. What happened before is listed under <a href="/activity">activity</a>.</p>
    ${endOthers(csrf)}`;
  }
  const others = devices.filter((device) => !device.current).length;
  return html`<h1>Your devices</h1>
    <p class="lead">Wherever you are signed in. Sign one out, and its next click leads to the sign-in page.
      What happened before is listed under <a href="/activity">activity</a>.</p>
    <ul class="devices">
      ${devices.map((device) => row(device, now, csrf))}
    </ul>
    ${
      others > 0
        ? endOthers(csrf)
        : html`<p class="hint">This is the only one. Sign in from a second browser, or a private window, to see two.</p>`
    }`;
}

function endOthers(csrf: Html): Html {
  return html`<form method="post" action="/devices/sign-out-others">${csrf}
            <button>Sign out everywhere else</button></form>`;
}

function row(device: SessionInfo, now: number, csrf: Html): Html {
  const name = deviceName(device.device);
  return html`<li>
        ${deviceIcon(device.device)}
        <h2>${name}${device.current && html` <span class="badge">this device</span>`}</h2>
        <p>${kindOf(device.device).word}, last seen ${device.current ? "just now" : ago(device.lastSeenAt, now)}.
          Signed in on ${moment(device.authenticatedAt)}. Ends in ${inWords(device.expiresAt - now)} if it is not used.</p>
        ${
          !device.current &&
          html`<form method="post" action="/devices/sign-out">
          ${csrf}<input type="hidden" name="id" value="${device.id}">
          <button aria-label="Sign out ${name}, last seen ${ago(device.lastSeenAt, now)}">Sign out</button>
        </form>`
        }
      </li>`;
}
