/** A drawing of what somebody signed in from, beside its name; the name says the same in words. */
import type { Device } from "sojourn";
import { type Html, html } from "../html.ts";

interface Kind {
  readonly word: string;
  readonly icon: Html;
}

const COMPUTER: Kind = {
  word: "Computer",
  icon: html`<path d="M5 6h22v15H5zM2 25h28M13 21v4M19 21v4"/>`,
};

const KINDS: Readonly<Record<string, Kind>> = {
  computer: COMPUTER,
  phone: { word: "Phone", icon: html`<path d="M10 3h12v26H10zM14 25.5h4"/>` },
  tablet: { word: "Tablet", icon: html`<path d="M6 3h20v26H6zM14 25.5h4"/>` },
  tv: { word: "Television", icon: html`<path d="M3 6h26v17H3zM11 27h10M11 2l5 4 5-4"/>` },
  program: { word: "Program", icon: html`<path d="M3 6h26v20H3zM8 12l4 4-4 4M15 20h8"/>` },
  bot: { word: "Program", icon: html`<path d="M6 11h20v15H6zM16 11V5M12 18v1M20 18v1"/>` },
};

const UNKNOWN: Kind = {
  word: "Device",
  icon: html`<path d="M16 3a13 13 0 1 0 .1 0ZM12.5 12.5a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3M16 22v.5"/>`,
};

/** "Phone", "Computer", or "Device" where nothing is known. */
export function kindOf(device: Device | null): Kind {
  return KINDS[device?.form ?? ""] ?? UNKNOWN;
}

export function deviceIcon(device: Device | null): Html {
  return html`<svg class="device" viewBox="0 0 32 32" aria-hidden="true">${kindOf(device).icon}</svg>`;
}
