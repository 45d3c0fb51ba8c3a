/** A page that says one thing: nothing here, refused, unavailable. */
import { type Html, html } from "../html.ts";
import { sheet } from "./forms.ts";

export interface Message {
  readonly heading: string;
  readonly text: string;
  /** For developers: what was seen and what to do. */
  readonly details?: string;
  readonly link?: { readonly href: string; readonly text: string };
}

export function messagePage({ heading, text, details, link }: Message): Html {
  return sheet(
    "marigold",
    html`<h1>${heading}</h1>
    <p class="lead">${text}</p>
    ${details && html`<p class="details">${details}</p>`}
    ${link && html`<p><a href="${link.href}">${link.text}</a></p>`}`,
  );
}
