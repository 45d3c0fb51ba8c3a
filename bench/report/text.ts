// How the report writes numbers, tables and names.
import type { Workload } from "./compare.ts";

/** What each workload is, as a title, and what its requests do. */
export const TITLES: Readonly<Record<Workload, readonly [title: string, does: string]>> = {
  untouched: [
    "Untouched",
    "GET with a signed-in session's cookie, to a route that never asks for the session",
  ],
  anonymous: ["Anonymous", "GET without a cookie, to a route that reads the session"],
  read: ["Read", "signed-in GET that reads the user and one value of a session of 500 bytes"],
  write: ["Write", "signed-in POST that changes one value"],
  login: ["Login", "POST without a cookie that signs a user in, with about 500 bytes of data"],
  logout: ["Logout", "POST that ends a signed-in session, a fresh one each time"],
};

/** `<1`, `8.4`, `72`, `1,204`. */
export function micros(value: number): string {
  if (value < 1) return "<1";
  return value < 9.95 ? value.toFixed(1) : whole(value);
}

/** `14,203` */
export function whole(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

/** `1 core`, `2 cores`. */
export function counted(count: number, what: string): string {
  return `${whole(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** A ratio as one says it: `1/7.2`, `1.0`, `1.3`, `12`. */
export function ratio(value: number): string {
  return value < 0.95 ? `1/${times(1 / value)}` : times(value);
}

/** A factor: `0.8`, `1.0`, `7.2`, `12`. */
export function times(value: number): string {
  return value < 9.95 ? value.toFixed(1) : whole(value);
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}

/** A table of Markdown; columns named with a leading `>` stand to the right. */
export function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [
    line(columns.map((column) => column.replace(/^>/, ""))),
    `|${columns.map((column) => (column.startsWith(">") ? "---:" : "---")).join("|")}|`,
    ...rows.map(line),
  ].join("\n");
}

export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
