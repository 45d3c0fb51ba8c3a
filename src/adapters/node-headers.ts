/** Header changes on a Node response, and the headers `writeHead` was given. */
import type { HeaderChanges } from "../core/exchange-contract.ts";
import { addToVary, staysOnFailure } from "./headers.ts";
import type { HeaderHolder, HeaderValue, NodeResponse } from "./node-types.ts";

export function applyChanges(response: HeaderHolder, changes: HeaderChanges): void {
  const { cookies, cacheControl, vary, set } = changes;
  if (cookies.length > 0)
    response.setHeader("Set-Cookie", [...linesOf(response.getHeader("set-cookie")), ...cookies]);
  if (cacheControl !== undefined) response.setHeader("Cache-Control", cacheControl);
  if (vary.length > 0) {
    const added = addToVary(textOf(response.getHeader("vary")), vary);
    if (added !== undefined) response.setHeader("Vary", added);
  }
  for (const [name, value] of set) response.setHeader(name, value);
}

export function textOf(value: HeaderValue | undefined): string | undefined {
  if (value === undefined || typeof value === "string") return value;
  return typeof value === "number" ? String(value) : value.join(", ");
}

function linesOf(value: HeaderValue | undefined): readonly string[] {
  if (value === undefined) return [];
  return typeof value === "object" ? value : [String(value)];
}

/**
 * Sets the headers `writeHead` was given, in each of its forms (object, flat array, array of pairs), so that ours can
 * join them. As in Node they replace what was set before, and repeated names in an array become repeated fields
 * (CVE-2025-7339 is what comes of treating the array as an object).
 */
export function stageHeaders(response: NodeResponse, headers: unknown): void {
  if (Array.isArray(headers)) {
    const pairs = pairsOf(headers);
    for (const [name] of pairs) if (response.hasHeader(name)) response.removeHeader(name);
    for (const [name, value] of pairs) response.appendHeader(name, value);
  } else if (typeof headers === "object" && headers !== null) {
    for (const [name, value] of Object.entries(headers)) if (name) response.setHeader(name, value);
  }
}

function pairsOf(headers: readonly unknown[]): readonly (readonly [string, string | string[]])[] {
  if (Array.isArray(headers[0])) return headers as [string, string][];
  if (headers.length % 2 !== 0)
    throw nodeError(TypeError, "ERR_INVALID_ARG_VALUE", "headers: a name lacks its value");
  const pairs: [string, string][] = [];
  for (let at = 0; at < headers.length; at += 2) {
    if (headers[at]) pairs.push([headers[at] as string, headers[at + 1] as string]);
  }
  return pairs;
}

export function dropHeaders(response: HeaderHolder): void {
  for (const name of response.getHeaderNames()) {
    if (!staysOnFailure(name.toLowerCase())) response.removeHeader(name);
  }
}

/** An error as Node itself would throw it there. */
export function nodeError(kind: ErrorConstructor, code: string, message: string): Error {
  return Object.assign(new kind(message), { code });
}
