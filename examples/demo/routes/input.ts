/** What a form or a link sent, as text. Anybody can send anything, so nothing else is believed. */
import type { Request } from "express";

export function field(req: Request, name: string): string {
  const body: unknown = req.body;
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, name)) return "";
  const value: unknown = Reflect.get(body, name);
  return typeof value === "string" ? value : "";
}

/** Where to go after signing in: a path of this shop and nothing else, since links can be forged. */
export function wayBack(next: unknown): string {
  return typeof next === "string" && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : "/";
}
