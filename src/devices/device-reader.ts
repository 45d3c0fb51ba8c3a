/**
 * From a User-Agent header to the names of a browser, a system and a form, by the parser of `bowser`. Names come from
 * lists, never from the header itself, so nobody can write into another page what they like.
 */
import { BROWSER_MAP, getParser, OS_MAP } from "bowser";
import type { Device } from "../core/about.ts";
import { isReadableUserAgent } from "../core/user-agent.ts";
import { programIn } from "./programs.ts";

/** Where people say it shorter than the parser. */
const SHORT_NAMES: Readonly<Record<string, string>> = {
  "Microsoft Edge": "Edge",
  "Samsung Internet for Android": "Samsung Internet",
  "Chrome OS": "ChromeOS",
};

const FORMS: Readonly<Record<string, string>> = {
  desktop: "computer",
  mobile: "phone",
  tablet: "tablet",
  tv: "tv",
  bot: "bot",
};

const SYSTEMS: ReadonlySet<string> = new Set(Object.values(OS_MAP));

/** "Generic" and Android's own are what the parser says when it does not know. */
const BROWSERS: ReadonlySet<string> = new Set(
  Object.values(BROWSER_MAP).filter((name) => name !== "Generic" && name !== "Android Browser"),
);

/**
 * For the option `devices` of `createSessions`: reads names and no versions. `form` is `computer`, `phone`, `tablet`,
 * `tv`, `bot` or `program` (curl and the like). What is not known is `null`, and so is the whole where nothing is.
 * Never throws. A header of more than 1024 characters or with control characters is not given to the parser at all.
 *
 * Anybody can send any header: show what is read, decide nothing by it alone.
 */
export function deviceReader(): (userAgent: string) => Device | null {
  return (userAgent) => {
    if (!isReadableUserAgent(userAgent)) return null;
    try {
      const device = readDevice(userAgent);
      return device.browser === null && device.system === null && device.form === null ? null : device;
    } catch {
      return null;
    }
  };
}

function readDevice(userAgent: string): Device {
  const parser = getParser(userAgent, true); // reads only what it is asked for
  const system = known(SYSTEMS, parser.getOSName());
  const program = programIn(userAgent);
  if (program !== null) return { browser: program, system, form: "program" };
  const type = parser.getPlatformType(true);
  return {
    browser: known(BROWSERS, parser.getBrowserName()),
    system,
    form: Object.hasOwn(FORMS, type) ? (FORMS[type] ?? null) : null,
  };
}

function known(names: ReadonlySet<string>, name: string | undefined): string | null {
  if (name === undefined || !names.has(name)) return null;
  return SHORT_NAMES[name] ?? name;
}
