/**
 * A value spelled out so that -0, lone surrogates, missing keys, kinds and order all show. Test runners' own equality
 * overlooks some of these, and is misled by data with a key named `constructor`.
 */
export function spell(value: unknown): unknown {
  if (Object.is(value, -0)) return ["number", "-0"];
  if (typeof value === "bigint") return ["bigint", String(value)];
  if (typeof value === "number") return ["number", String(value)];
  if (typeof value !== "object" || value === null)
    return [typeof value, JSON.stringify(value) ?? "undefined"];
  if (value instanceof Date) return ["Date", value.getTime()];
  if (value instanceof URL) return ["URL", value.href];
  if (value instanceof Uint8Array) return ["bytes", [...value]];
  const kind = Object.getPrototypeOf(value);
  if (kind === Map.prototype) {
    return ["Map", [...(value as Map<unknown, unknown>)].map(([key, inner]) => [spell(key), spell(inner)])];
  }
  if (kind === Set.prototype) return ["Set", [...(value as Set<unknown>)].map(spell)];
  if (Array.isArray(value)) return ["list", value.map(spell)];
  return ["object", Object.entries(value).map(([key, inner]) => [JSON.stringify(key), spell(inner)])];
}
