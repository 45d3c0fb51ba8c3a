/** Puts hostile bytes together. */

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function packed(...parts: readonly (number | Uint8Array)[]): Uint8Array {
  return new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === "number" ? Uint8Array.of(part) : part))),
  );
}

export function repeated(times: number, ...bytes: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: times * bytes.length }, (_, index) => bytes[index % bytes.length] ?? 0);
}
