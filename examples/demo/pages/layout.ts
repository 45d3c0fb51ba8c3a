/** The frame around every page: who is here, how long for, what was just done. */
import { type Html, html, toText } from "../html.ts";
import { timeLeft } from "./times.ts";

/** What the frame shows of the session. Absent on pages that must work without one. */
interface Visit {
  readonly user: { readonly name: string } | null;
  readonly packets: number;
  readonly leftMs: number;
  readonly flashes: readonly { readonly kind: string; readonly message: string }[];
  /** The hidden form field that proves a form came from one of our pages. */
  readonly csrf: Html;
}

export interface Page {
  readonly title: string;
  readonly main: Html;
  readonly path?: string;
  readonly visit?: Visit;
}

export function layout({ title, main, path = "", visit }: Page): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · Wayside</title>
  <link rel="icon" href="/sprout.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/style.css">
  ${visit?.user && html`<script src="/time-left.js" type="module"></script>`}
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header class="head">
    <a class="brand" href="/">
      <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M16 29V14M16 18C16 11 11 8 4 8c0 7 5 10 12 10ZM16 14c0-6 4-10 12-10 0 7-5 10-12 10Z"/></svg>
      <span>Wayside</span> <small>seeds</small>
    </a>
    <nav aria-label="Shop">
      ${link("/", "Packets", path)}
      ${link("/cart", html`Cart${visit && visit.packets > 0 && html` <b class="count">${visit.packets}</b>`}`, path)}
      ${link("/try", "What to try", path)}
      ${link("/session", "This session", path)}
    </nav>
    ${visit && ribbon(visit, path)}
  </header>
  <main id="main" tabindex="-1">
    ${visit && visit.flashes.length > 0 && flashes(visit.flashes)}
    ${main}
  </main>
  <footer>
    <p>Wayside sells nothing. It is the demonstration of <b>Sojourn</b>, session management for TypeScript.
      <a href="/try">What to try</a></p>
  </footer>
</body>
</html>
`;
  return toText(page);
}

function ribbon(visit: Visit, path: string): Html {
  if (!visit.user) {
    return html`<nav class="ribbon" aria-label="Account">
      <p>You are a visitor.</p>
      ${link("/sign-in", "Sign in", path)}
      ${link("/sign-up", "Sign up", path)}
    </nav>`;
  }
  return html`<nav class="ribbon" aria-label="Account">
      <p>Signed in as <b>${visit.user.name}</b><span id="time-left" data-left="${visit.leftMs}"
        title="How long you may be away before you are signed out"> · <span class="clock">${timeLeft(visit.leftMs)}</span> left</span></p>
      <form class="warning" id="time-warning" method="post" action="/session/stay" hidden>
        ${visit.csrf}<p role="status"></p> <button>Stay signed in</button>
      </form>
      ${link("/devices", "Your devices", path)}
      ${link("/activity", "Activity", path)}
      ${link("/password", "Password", path)}
      <form method="post" action="/sign-out">${visit.csrf}<button class="plain">Sign out</button></form>
    </nav>`;
}

function flashes(messages: Visit["flashes"]): Html {
  return html`<div class="flashes">
      ${messages.map(
        ({ kind, message }) =>
          html`<p class="flash ${kind}" role="${kind === "problem" ? "alert" : "status"}">${message}</p>`,
      )}
    </div>`;
}

function link(href: string, text: string | Html, path: string): Html {
  return html`<a href="${href}"${href === path && html` aria-current="page"`}>${text}</a>`;
}
