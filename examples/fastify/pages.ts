/** The two pages. What visitors wrote is escaped where it is put in. */
import type { SessionInfo } from "sojourn";
import { deviceName } from "sojourn/devices";
import type { GuestSession } from "./sessions.ts";

export function tablePage(session: GuestSession): string {
  const wishes = session
    .get("wishes")
    .map(({ dish, at }) => `<li>${text(dish)} <small>${time(at)}</small></li>`);
  const messages = session
    .flashes()
    .map(({ kind, message }) => `<p class="${text(kind)}">${text(message)}</p>`);
  return page(
    "What is for dinner?",
    session,
    `${messages.join("")}
    ${wishes.length === 0 ? "<p>Nothing is wished for yet.</p>" : `<ol>${wishes.join("")}</ol>`}
    ${form(session, "/wishes", `<label>Dish <input name="dish" maxlength="60" required></label> <button>Wish</button>`)}
    ${session.userId === null ? signIn(session) : ""}`,
  );
}

export function devicesPage(session: GuestSession, devices: readonly SessionInfo[]): string {
  const rows = devices.map(({ id, current, device, createdAt }) => {
    const which = `<input type="hidden" name="id" value="${text(id)}">`;
    const act = current
      ? "<em>this browser</em>"
      : form(session, "/devices/sign-out", `${which}<button>Sign out</button>`);
    return `<li>${text(deviceName(device))} <small>since ${time(new Date(createdAt))}</small> ${act}</li>`;
  });
  return page("Your devices", session, `<ul>${rows.join("")}</ul>`);
}

function signIn(session: GuestSession): string {
  return `<h2>Sign in</h2>
    <p>Try <code>ada</code> with the password <code>engine</code>. Your wishes come along.</p>
    ${form(
      session,
      "/sign-in",
      `<label>Name <input name="name" autocomplete="username" required></label>
      <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
      <label><input name="remember" type="checkbox"> Stay signed in</label>
      <button>Sign in</button>`,
    )}`;
}

/** The token is for browsers that do not say where a form was sent from. */
function form(session: GuestSession, action: string, inside: string): string {
  return `<form method="post" action="${action}">
    <input type="hidden" name="_csrf" value="${text(session.csrfToken())}">${inside}</form>`;
}

function page(title: string, session: GuestSession, content: string): string {
  const account =
    session.userId === null
      ? ""
      : `<span>${text(session.userId)}</span> <a href="/devices">Devices</a>
      ${form(session, "/sign-out", "<button>Sign out</button>")}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
<header><a href="/">Dinner</a> ${account}</header>
<main><h1>${title}</h1>${content}</main>
</html>`;
}

function text(value: string): string {
  return value.replaceAll(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

function time(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

const STYLE = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
  body { max-width: 38rem; margin: 0 auto; padding: 1rem; }
  header { display: flex; gap: 1rem; align-items: baseline; border-bottom: 1px solid; padding-bottom: .5rem; }
  header form { margin: 0 0 0 auto; }
  form { display: flex; flex-wrap: wrap; gap: .75rem; align-items: end; margin: 1rem 0; }
  li form { display: inline-flex; margin: 0 0 0 .5rem; }
  input, button { font: inherit; padding: .25rem .5rem; }
  small { opacity: .75; }
  .notice, .error { border-left: .3rem solid #2a7; padding-left: .75rem; }
  .error { border-color: #c33; }`;
