/** Instants and durations in words. */
import { type Html, html } from "../html.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const written = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

export function moment(at: number): Html {
  return html`<time datetime="${new Date(at).toISOString()}">${written.format(at)}</time>`;
}

export function ago(at: number, now: number): string {
  const ms = Math.max(0, now - at);
  return ms < 2 * MINUTE ? "just now" : `${inWords(ms)} ago`;
}

/** "25 minutes", for texts that are read once. */
export function inWords(ms: number): string {
  if (ms >= 2 * DAY) return `${Math.round(ms / DAY)} days`;
  if (ms >= 2 * HOUR) return `${Math.round(ms / HOUR)} hours`;
  if (ms >= 2 * MINUTE) return `${Math.round(ms / MINUTE)} minutes`;
  return "a minute";
}

/** The same text that public/time-left.js goes on counting down. */
export function timeLeft(ms: number): string {
  if (ms >= 2 * DAY) return `${Math.floor(ms / DAY)} days`;
  if (ms >= 2 * HOUR) return `${Math.floor(ms / HOUR)} hours`;
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
