/** The two pages of the reading list. */
import type { SessionInfo } from "sojourn";
import { deviceName } from "sojourn/devices";
import { Html, html } from "./html.ts";
import type { ReaderSession } from "./sessions.ts";

export function readingPage(session: ReaderSession): string {
  const books = session.get("books");
  const title = html`<label>Title <input name="title" maxlength="60" required></label> <button>Add</button>`;
  return page("To read", session, [
    ...session.flashes().map(({ kind, message }) => html`<p class="${kind}" role="status">${message}</p>`),
    books.length === 0
      ? html`<p>Nothing noted yet.</p>`
      : html`<ol>${books.map((book) => html`<li>${book}</li>`)}</ol>`,
    form(session, "/books", title),
    session.userId === null ? html`<h2>Sign in</h2>${signIn(session)}` : html``,
  ]);
}

export function devicesPage(session: ReaderSession, devices: readonly SessionInfo[]): string {
  const rows = devices.map(({ id, device, createdAt, current }) => {
    const since = new Date(createdAt).toISOString().slice(0, 16).replace("T", " ");
    const act = current
      ? html`<em>this browser</em>`
      : form(
          session,
          "/devices/sign-out",
          html`<input type="hidden" name="id" value="${id}"><button>Sign out</button>`,
        );
    return html`<li><span>${deviceName(device)}<br><small>since ${since} UTC</small></span> ${act}</li>`;
  });
  return page("Your devices", session, [html`<ul class="devices">${rows}</ul>`]);
}

function signIn(session: ReaderSession): Html {
  const fields = html`
    <label>Name <input name="name" autocomplete="username" required></label>
    <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
    <label><input name="remember" type="checkbox"> Stay signed in</label>
    <button>Sign in</button>`;
  return html`<p>Try <code>ada</code> with the password <code>engine</code>. Your list comes along.</p>
    ${form(session, "/sign-in", fields)}`;
}

/** The token is for browsers that do not say where a form was sent from. */
function form(session: ReaderSession, action: string, inside: Html): Html {
  return html`<form method="post" action="${action}">
    <input type="hidden" name="_csrf" value="${session.csrfToken()}"> ${inside}</form>`;
}

function page(title: string, session: ReaderSession, content: readonly Html[]): string {
  const account =
    session.userId === null
      ? html``
      : html`<span>${session.userId}</span> <a href="/devices">Devices</a>
        ${form(session, "/sign-out", html`<button>Sign out</button>`)}`;
  return html`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<header><a href="/">To read</a> ${account}</header>
<main><h1>${title}</h1>${content}</main>
</html>`.text;
}

const STYLE = new Html(`
  :root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif; }
  body { max-width: 38rem; margin: auto; padding: 1rem 1.25rem 4rem; }
  header, form, .devices li { display: flex; flex-wrap: wrap; gap: 0.5rem 0.8rem; align-items: center; }
  header { border-bottom: 1px solid #8887; padding-bottom: 0.75rem; }
  header > a:first-child { margin-right: auto; font-weight: 650; text-decoration: none; }
  input, button { font: inherit; padding: 0.3rem 0.6rem; }
  ol { padding-left: 1.5rem; }
  .devices { padding: 0; }
  .devices li { justify-content: space-between; border-bottom: 1px solid #8884; padding: 0.7rem 0; }
  [role="status"] { border-left: 4px solid seagreen; background: #2e8b5724; padding: 0.5rem 0.8rem; }
  .error { border-color: crimson; background: #dc143c24; }
`);
