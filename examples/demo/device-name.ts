/**
 * A name for "your devices", such as "Firefox on Linux", from what the browser says of itself. Only a help for the eye:
 * anybody can send anything here, so nothing may depend on it.
 */

// The order matters: Edge and Opera also call themselves Chrome, and nearly everybody calls itself Safari.
const BROWSERS = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//],
  ["Opera", /\bOPR\//],
  ["Samsung Internet", /\bSamsungBrowser\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /\b(?:Chrome|CriOS|HeadlessChrome)\//],
  ["Safari", /\bSafari\//],
  ["curl", /^curl\//],
] as const;

const SYSTEMS = [
  ["iPhone", /\biPhone\b/],
  ["iPad", /\biPad\b/],
  ["Android", /\bAndroid\b/],
  ["Windows", /\bWindows\b/],
  ["ChromeOS", /\bCrOS\b/],
  ["macOS", /\bMac OS X\b/],
  ["Linux", /\bLinux\b/],
] as const;

export function deviceName(userAgent: string | undefined): string {
  const browser = nameIn(BROWSERS, userAgent) ?? "A browser";
  const system = nameIn(SYSTEMS, userAgent);
  return system === undefined ? browser : `${browser} on ${system}`;
}

function nameIn(list: readonly (readonly [string, RegExp])[], userAgent = ""): string | undefined {
  return list.find(([, pattern]) => pattern.test(userAgent))?.[0];
}
