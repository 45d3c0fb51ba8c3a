/**
 * What leaves a session is safe to hold: plain objects and arrays are frozen, and whatever cannot be frozen (dates,
 * URLs, bytes, maps, sets) is handed out as a copy. So a change made to it reaches nobody, and mostly throws.
 */

const shareable = new WeakSet<object>();

/** The value as a caller may have it. */
export function handOut(value: unknown): unknown {
  if (typeof value !== "object" || value === null || shareable.has(value)) return value;
  if (!isPlain(value)) return copyOut(value);
  freezeDeep(value);
  return value;
}

/** Whether a value consists of plain objects, arrays and primitives alone. Codecs keep it finite and without cycles. */
function isPlain(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(isPlain);
  const prototype: unknown = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && Object.values(value).every(isPlain);
}

function freezeDeep(value: unknown): void {
  if (typeof value !== "object" || value === null || shareable.has(value)) return;
  for (const inner of Object.values(value)) freezeDeep(inner);
  shareable.add(Object.freeze(value));
}

function copyOut(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return new Date(value);
  if (value instanceof URL) return new URL(value);
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (value instanceof Map) return new Map([...value].map(([key, inner]) => [copyOut(key), copyOut(inner)]));
  if (value instanceof Set) return new Set([...value].map(copyOut));
  if (Array.isArray(value)) return Object.freeze(value.map(copyOut));
  return Object.freeze(
    Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOut(inner)])),
  );
}
