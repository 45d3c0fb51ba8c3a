/** Programs that are no browsers: the parser knows browsers and crawlers only. */

const PROGRAMS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["curl", /^curl\//],
  ["Wget", /^Wget2?\//],
  ["HTTPie", /^HTTPie\//],
  ["Postman", /^PostmanRuntime\//],
  ["Insomnia", /^insomnia\//],
  ["PowerShell", / (?:Windows)?PowerShell\/[0-9]/],
  ["Python", /^(?:python-requests|Python-urllib|python-httpx|Python\/[0-9.]+ aiohttp|aiohttp)\b/],
  ["Go", /^Go-http-client\//],
  ["Java", /^(?:Java|Java-http-client|Apache-HttpClient)\//],
  ["OkHttp", /^okhttp\//],
  ["Node.js", /^(?:node$|undici$|node-fetch\b|axios\/|got \()/],
  ["Ruby", /^Ruby$/],
  // What a phone sends for an application of its own that does not say its name.
  ["App", /^Dalvik\/|\bCFNetwork\/[0-9]/],
];

/** The name of the program that sends this header, `null` where it is none of these. */
export function programIn(userAgent: string): string | null {
  return PROGRAMS.find(([, pattern]) => pattern.test(userAgent))?.[0] ?? null;
}
