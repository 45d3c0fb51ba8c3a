import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { anyText } from "../../test/support/any-text.ts";
import { deviceName } from "./device-name.ts";
import { deviceReader } from "./device-reader.ts";

const read = deviceReader();
const device = (browser: string | null, system: string | null, form: string | null) => ({
  browser,
  system,
  form,
});

const WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)";

describe("browsers of today", () => {
  it.each([
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`,
      device("Chrome", "Windows", "computer"),
      "Chrome on Windows",
    ],
    [
      `Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`,
      device("Chrome", "macOS", "computer"),
      "Chrome on macOS",
    ],
    [
      `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`,
      device("Chrome", "ChromeOS", "computer"),
      "Chrome on ChromeOS",
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/143.0.0.0 Mobile Safari/537.36`,
      device("Chrome", "Android", "phone"),
      "Chrome on Android",
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36`,
      device("Chrome", "Android", "tablet"),
      "Chrome on Android",
    ],
    [
      `${IPHONE} CriOS/143.0.7499.38 Mobile/15E148 Safari/604.1`,
      device("Chrome", "iOS", "phone"),
      "Chrome on iPhone",
    ],
    [
      `${IPHONE} Version/26.0 Mobile/15E148 Safari/604.1`,
      device("Safari", "iOS", "phone"),
      "Safari on iPhone",
    ],
    [
      "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
      device("Safari", "iOS", "tablet"),
      "Safari on iPad",
    ],
    [
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
      device("Safari", "macOS", "computer"),
      "Safari on macOS",
    ],
    [
      "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
      device("Firefox", "Linux", "computer"),
      "Firefox on Linux",
    ],
    [
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
      device("Firefox", "Windows", "computer"),
      "Firefox on Windows",
    ],
    [
      "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0",
      device("Firefox", "Android", "phone"),
      "Firefox on Android",
    ],
    [
      `${IPHONE} FxiOS/145.0 Mobile/15E148 Safari/605.1.15`,
      device("Firefox", "iOS", "phone"),
      "Firefox on iPhone",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0`,
      device("Edge", "Windows", "computer"),
      "Edge on Windows",
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} Chrome/143.0.0.0 Mobile Safari/537.36 EdgA/143.0.0.0`,
      device("Edge", "Android", "phone"),
      "Edge on Android",
    ],
    [
      `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 OPR/126.0.0.0`,
      device("Opera", "Windows", "computer"),
      "Opera on Windows",
    ],
    [
      `Mozilla/5.0 (Linux; Android 10; K) ${WEBKIT} SamsungBrowser/29.0 Chrome/136.0.0.0 Mobile Safari/537.36`,
      device("Samsung Internet", "Android", "phone"),
      "Samsung Internet on Android",
    ],
    [
      `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} Chrome/142.0.0.0 Safari/537.36 Vivaldi/7.7.3851.48`,
      device("Vivaldi", "Linux", "computer"),
      "Vivaldi on Linux",
    ],
    [
      `Mozilla/5.0 (X11; Linux x86_64) ${WEBKIT} HeadlessChrome/143.0.0.0 Safari/537.36`,
      device("Chrome", "Linux", "computer"),
      "Chrome on Linux",
    ],
    [
      "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36",
      device("Tizen", "Tizen", "tv"),
      "Tizen",
    ],
    [
      "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
      device("Googlebot", null, "bot"),
      "Googlebot",
    ],
  ])("%s", (userAgent, expected, words) => {
    expect(read(userAgent)).toEqual(expected);
    expect(deviceName(read(userAgent))).toBe(words);
  });

  it("says of an update nothing: versions are not kept", () => {
    const at = (version: number): string =>
      `Mozilla/5.0 (X11; Linux x86_64; rv:${version}.0) Gecko/20100101 Firefox/${version}.0`;
    expect(read(at(145))).toEqual(read(at(160)));
    expect(JSON.stringify(read(at(145)))).not.toMatch(/[0-9]/);
  });
});

describe("programs", () => {
  it.each([
    ["curl/8.5.0", device("curl", null, "program"), "curl"],
    ["Wget/1.21.4", device("Wget", null, "program"), "Wget"],
    ["HTTPie/3.2.4", device("HTTPie", null, "program"), "HTTPie"],
    ["PostmanRuntime/7.42.0", device("Postman", null, "program"), "Postman"],
    ["insomnia/10.1.1", device("Insomnia", null, "program"), "Insomnia"],
    ["python-requests/2.32.3", device("Python", null, "program"), "Python"],
    ["Python/3.12 aiohttp/3.10.5", device("Python", null, "program"), "Python"],
    ["Go-http-client/2.0", device("Go", null, "program"), "Go"],
    ["Java-http-client/21.0.4", device("Java", null, "program"), "Java"],
    ["Apache-HttpClient/5.3.1 (Java/17.0.10)", device("Java", null, "program"), "Java"],
    ["okhttp/4.12.0", device("OkHttp", null, "program"), "OkHttp"],
    ["node", device("Node.js", null, "program"), "Node.js"],
    ["undici", device("Node.js", null, "program"), "Node.js"],
    ["axios/1.7.7", device("Node.js", null, "program"), "Node.js"],
    ["Ruby", device("Ruby", null, "program"), "Ruby"],
    [
      "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.26100.1",
      device("PowerShell", "Windows", "program"),
      "PowerShell on Windows",
    ],
    [
      "Dalvik/2.1.0 (Linux; U; Android 15; Pixel 8 Build/AP3A.240905.015)",
      device("App", "Android", "program"),
      "App on Android",
    ],
    ["Shop/1 CFNetwork/3826.600.41 Darwin/24.6.0", device("App", null, "program"), "App"],
    [
      "AppleCoreMedia/1.0.0.22G86 (iPhone; U; CPU OS 18_6 like Mac OS X; en_us)",
      device(null, "iOS", "phone"),
      "iPhone",
    ],
  ])("%s", (userAgent, expected, words) => {
    expect(read(userAgent)).toEqual(expected);
    expect(deviceName(read(userAgent))).toBe(words);
  });
});

describe("what says nothing", () => {
  it.each(["", "-", "Mozilla/5.0", "Acme/1.0", "your bank: click here/1.0 ", "x".repeat(1025)])(
    "%j",
    (text) => {
      expect(read(text)).toBeNull();
      expect(deviceName(null)).toBe("Unknown device");
    },
  );

  it.each(["\n", "\u0000", "\u001b[31m", "\r\n", "\u007f"])("a text with %j in it", (control) => {
    expect(
      read(`Mozilla/5.0 (X11; Linux x86_64; rv:145.0)${control} Gecko/20100101 Firefox/145.0`),
    ).toBeNull();
  });

  it("no text at all, whatever a caller without types hands over", () => {
    const loose = read as (value: unknown) => unknown;
    for (const value of [undefined, null, 5, {}, [], Symbol("x")]) expect(loose(value)).toBeNull();
  });
});

describe("hostile headers", () => {
  const NAMES = /^[A-Za-z][A-Za-z0-9 .-]{0,40}$/;
  const words = fc.constantFrom(
    "Mozilla/5.0",
    "Chrome/1",
    "Safari",
    "Firefox/1.1.1.1",
    "version/",
    "opt/1",
    " Ddg/1.",
    "Macintosh",
    " FxiOS",
    "Windows ",
    "Android 9",
    "like Android",
    "iPhone",
    "nexus ",
    "yahoo!",
    "(((",
    "<script>",
    "1.1_1.",
    "__proto__",
    "constructor/1 (x)",
    "toString",
  );
  const hostile = fc.oneof(
    anyText(200),
    fc.array(words, { maxLength: 120 }).map((parts) => parts.join(" ")),
    fc.tuple(words, fc.integer({ min: 1, max: 5000 })).map(([word, times]) => word.repeat(times)),
  );

  it("neither throw nor put a word of their own into the answer", () => {
    const learned = new Set<string>();
    fc.assert(
      fc.property(hostile, (userAgent) => {
        const found = read(userAgent);
        for (const name of found ? Object.values(found) : []) {
          if (name === null) continue;
          expect(name).toMatch(NAMES);
          learned.add(name);
        }
        expect(deviceName(found).length).toBeLessThan(80);
      }),
      { numRuns: 2000 },
    );
    expect(learned.size).toBeGreaterThan(5);
  });

  it.each(["version/1.", "opt/1", " Ddg/1.1", "nexus ", "yahoo/", "a/", "1", "mac os x 1_"])(
    "a browser's followed by ten thousand characters of %j is not given to the parser",
    (part) => {
      const browser = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
      expect(read(`${browser} ${part}`)).not.toBeNull();
      expect(read(`${browser} ${part.repeat(10_000 / part.length)}`)).toBeNull();
    },
  );
});
