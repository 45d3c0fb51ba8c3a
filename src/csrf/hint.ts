/** What a refused request is told: in development what was seen, why, and what to do; in production one sentence. */
import { printable } from "../core/header-text.ts";
import type { Connection, RequestView } from "../core/request.ts";
import type { CsrfReason } from "./contract.ts";

const SEND_TOKEN =
  "put session.csrfToken() into a form field named _csrf, or send it in the header X-CSRF-Token.";

const HINTS: Readonly<Record<CsrfReason, readonly [why: string, what: string]>> = {
  malformed: [
    "Origin or Sec-Fetch-Site came twice or cannot be read.",
    "let no proxy or client add a second one; browsers send each once.",
  ],
  cross_origin: [
    "the browser says that another site or a sibling host sent it.",
    "if that page is yours, name it in csrf.trustedOrigins; a webhook belongs on a route mounted with csrf: { exempt }.",
  ],
  wrong_origin: [
    "it came from an origin that is not one of ours.",
    "set the option origin to the address in the browser's address bar (behind a proxy also helps trustProxy), or name the other one in csrf.trustedOrigins.",
  ],
  null_origin: [
    "Origin is null: a sandboxed frame, a file, a redirect across sites, or a page with Referrer-Policy: no-referrer.",
    "send it from a page of your own, with Referrer-Policy: same-origin or weaker.",
  ],
  no_origin: [
    "a session cookie came along, but nothing says which page sent it.",
    "send a CSRF token; in tests and scripts send the header Sec-Fetch-Site: same-origin, as browsers do (or set csrf.missingOrigin).",
  ],
  token_missing: ["it needs a CSRF token and has none.", SEND_TOKEN],
  token_invalid: [
    "its CSRF token belongs to another session, or to this one before login, renewal or logout.",
    `render the form again; ${SEND_TOKEN}`,
  ],
  method: ["TRACE sends back what it gets, cookies included.", "use another method."],
};

const PLAIN =
  "This request was refused because it could not be shown to come from this site. Reload the page and try again.";

/** The message of a `CsrfDeniedError`. `reason` is one of `CsrfReason`; headers are shown in development only. */
export function csrfHint(
  reason: string,
  view: RequestView,
  connection: Connection,
  mode: "production" | "development",
): string {
  if (mode === "production") return PLAIN;
  const [why, what] = isReason(reason) ? HINTS[reason] : ["it did not pass the CSRF check.", SEND_TOKEN];
  const own =
    connection.origins.length > 0
      ? connection.origins.map((origin) => printable(origin)).join(", ")
      : "not known";
  return [
    `CSRF check (${reason}): saw ${printable(view.method)} ${shown(view)}; own origin ${own} (${connection.seen}).`,
    `Refused: ${why}`,
    `To do: ${what}`,
  ].join("\n");
}

const SHOWN = [
  ["Sec-Fetch-Site", "sec-fetch-site"],
  ["Origin", "origin"],
] as const;

function shown(view: RequestView): string {
  const texts = SHOWN.map(([title, name]) => {
    const value = view.header(name);
    return value === undefined ? `without ${title}` : `with ${title}: ${printable(value)}`;
  });
  return texts.join(" and ");
}

function isReason(reason: string): reason is CsrfReason {
  return Object.hasOwn(HINTS, reason);
}
