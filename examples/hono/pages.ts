/** The two pages. `html` of Hono escapes what is put into it. */
import { html } from "hono/html";
import type { Session, SessionInfo } from "sojourn";
import type { List } from "./sessions.ts";

type Page = ReturnType<typeof html>;

export function homePage(session: Session<List>): Page {
  const teas = session.get("teas");
  return layout(
    "Teas to try",
    session,
    html`${session.flashes().map(({ kind, message }) => html`<p class="${kind}" role="status">${message}</p>`)}
${teas.length === 0 ? html`<p>Nothing written down yet.</p>` : html`<ul>${teas.map((tea) => html`<li>${tea}</li>`)}</ul>`}
${form(session, "/teas", html`<label>Tea <input name="tea" maxlength="40" required></label> <button>Add</button>`)}
${session.userId === null ? signIn(session) : ""}`,
  );
}

export function devicesPage(session: Session<List>, devices: readonly SessionInfo[]): Page {
  const rows = devices.map(({ id, device, createdAt, current }) => {
    const name = `${device?.browser ?? "Unknown browser"} on ${device?.system ?? "unknown system"}`;
    const since = html`<small>since ${new Date(createdAt).toISOString().slice(0, 16).replace("T", " ")} UTC</small>`;
    const end = current
      ? html`<em>this browser</em>`
      : form(session, `/devices/${id}`, html`<button>Sign out</button>`);
    return html`<li><span>${name}<br>${since}</span> ${end}</li>`;
  });
  return layout("Your devices", session, html`<ul class="devices">${rows}</ul>`);
}

function signIn(session: Session<List>): Page {
  const fields = html`<label>Name <input name="user" autocomplete="username" required></label>
<label>Password <input name="password" type="password" autocomplete="current-password" required></label>
<label><input name="remember" type="checkbox"> Stay signed in</label>
<button>Sign in</button>`;
  return html`<h2>Sign in</h2>
<p>Try <code>ada</code> with the password <code>engine</code>. Your list comes along.</p>
${form(session, "/sign-in", fields)}`;
}

/** The token lets browsers through that do not say where a form was sent from. */
function form(session: Session<List>, action: string, inside: Page): Page {
  return html`<form method="post" action="${action}"><input type="hidden" name="_csrf" value="${session.csrfToken()}">
${inside}</form>`;
}

function layout(title: string, session: Session<List>, inside: Page): Page {
  const who =
    session.userId === null
      ? ""
      : html`<span>${session.userId}</span> <a href="/devices">Devices</a>
${form(session, "/sign-out", html`<button>Sign out</button>`)}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>
:root { color-scheme: light dark; font: 1.0625rem/1.5 system-ui, sans-serif; }
body { max-width: 36rem; margin: 0 auto; padding: 1rem 1.25rem 4rem; }
nav, .devices li, form { display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center; }
nav { padding-bottom: 0.75rem; border-bottom: 1px solid #8888; }
nav > a:first-child { margin-right: auto; font-weight: 600; }
input:not([type]), input[type="password"] { font: inherit; padding: 0.35rem 0.5rem; }
button { font: inherit; padding: 0.35rem 0.7rem; }
ul { padding-left: 1.25rem; }
.devices { padding: 0; list-style: none; }
.devices li { justify-content: space-between; padding: 0.75rem 0; border-bottom: 1px solid #8884; }
.notice, .error { padding: 0.5rem 0.75rem; border-left: 0.25rem solid seagreen; background: #2e8b5722; }
.error { border-color: firebrick; background: #b2222222; }
</style>
</head>
<body>
<nav><a href="/">Teas to try</a> ${who}</nav>
<main>
<h1>${title}</h1>
${inside}
</main>
</body>
</html>`;
}
