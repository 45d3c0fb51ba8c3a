/** Whether a request is somebody opening an address, and nothing that runs ahead of them or beside them. */
import type { RequestView } from "./request.ts";

/**
 * False for HEAD, for what a browser fetches in advance, and for images, frames and scripts: each of these would use up
 * a token that its user has not followed yet. Clients that say nothing of it are taken for visits.
 */
export function isVisit(view: RequestView): boolean {
  const says = (name: string): string => view.header(name)?.toLowerCase() ?? "";
  return (
    view.method === "GET" &&
    !view.upgrade &&
    ["", "navigate"].includes(says("sec-fetch-mode")) &&
    ["", "document"].includes(says("sec-fetch-dest")) &&
    !/\bpre(?:fetch|render|view)\b/.test(`${says("sec-purpose")} ${says("purpose")} ${says("x-moz")}`)
  );
}
