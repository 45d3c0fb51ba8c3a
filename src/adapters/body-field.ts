/** The `_csrf` field of a body that a parser ahead of the adapter has read. Never of the query (SECURITY G7). */
export function bodyField(request: object): string | undefined {
  const body: unknown = "body" in request ? request.body : undefined;
  if (typeof body !== "object" || body === null || !Object.hasOwn(body, "_csrf")) return undefined;
  const value: unknown = (body as { readonly _csrf: unknown })._csrf;
  return typeof value === "string" ? value : undefined;
}
