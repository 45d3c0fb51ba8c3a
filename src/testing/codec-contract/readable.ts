/** Codecs whose bytes show keys as they are let the kit forge bytes without knowing the format. */
import type { Codec } from "../../codecs/contract.ts";
import { LIMITS } from "./harness.ts";

const PROBE = "keyone";

export function isReadable(codec: Codec): boolean {
  const bytes = Buffer.from(codec.encode([{ [PROBE]: 1 }], { id: "AAAAAAAAAAAAAAAAAAAAAA", limits: LIMITS }));
  return bytes.includes(PROBE);
}

/** `text` stands there instead of `old`, which has the same length, wherever that is found. */
export function replaceText(bytes: Uint8Array, old: string, text: string): Uint8Array {
  const changed = Buffer.from(bytes);
  for (let at = changed.indexOf(old); at >= 0; at = changed.indexOf(old, at))
    changed.write(text, at, "latin1");
  return new Uint8Array(changed);
}
