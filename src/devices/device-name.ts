/** A device in words, for pages. */
import type { Device } from "../core/about.ts";

/**
 * "Firefox on Linux", "Safari on iPhone", "curl", or "Unknown device" where nothing is known. For a list in another
 * language take the parts of the device and the words of that language.
 */
export function deviceName(device: Device | null): string {
  const { browser = null, system = null } = device ?? {};
  const place = device && system === "iOS" ? appleName(device.form) : system;
  if (browser === null) return place ?? "Unknown device";
  return place === null || place === browser ? browser : `${browser} on ${place}`;
}

/** People know the thing by its name, not its system's. */
function appleName(form: string | null): string {
  if (form === "phone") return "iPhone";
  return form === "tablet" ? "iPad" : "iOS";
}
