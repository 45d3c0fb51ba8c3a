/** Origins as options give them and as `Host` implies them: always `scheme://host[:port]`, in the form browsers send. */
import { InvalidOptionError } from "../errors.ts";

const LONGEST_HOST = 260; // 253 for a name, a colon, five digits
const HOST = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/;
const LOOPBACK = /^(?:(?:[a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?$/;

/**
 * Checks origins given under `option`. Throws `InvalidOptionError` for anything that is not an http or https origin in
 * its own serialised form (so no path, no user, no wildcard, no default port, no capitals), and in production for
 * plain http other than to this machine (SECURITY C2, D5).
 */
export function readOrigins(
  option: string,
  given: string | readonly string[] | undefined,
  mode: "production" | "development",
): readonly string[] {
  if (given === undefined) return [];
  const list: unknown = typeof given === "string" ? [given] : given;
  if (!Array.isArray(list)) {
    throw new InvalidOptionError(
      option,
      'must be an origin such as "https://shop.example", or a list of them',
    );
  }
  return [...new Set(list.map((text: unknown) => checkOrigin(option, text, mode)))];
}

function checkOrigin(option: string, text: unknown, mode: "production" | "development"): string {
  if (typeof text !== "string") throw new InvalidOptionError(option, "every origin must be a text");
  const shown = JSON.stringify(text.slice(0, 100));
  const url = parseWebUrl(text);
  if (!url || text.includes("*")) {
    throw new InvalidOptionError(option, `${shown} must be a full origin, such as "https://shop.example"`);
  }
  if (url.origin !== text) {
    throw new InvalidOptionError(
      option,
      `${shown} must be written exactly as browsers send it: "${url.origin}"`,
    );
  }
  if (mode === "production" && url.protocol === "http:" && !isLoopbackHost(url.host)) {
    throw new InvalidOptionError(option, `${shown} is plain http; in production an origin is https`);
  }
  return text;
}

/** An http or https URL, or `null`. */
export function parseWebUrl(text: string): URL | null {
  const url = URL.parse(text);
  return url && (url.protocol === "https:" || url.protocol === "http:") ? url : null;
}

/** The origin of a page served under this Host; `null` for a Host no browser would send. */
export function originOf(scheme: "http" | "https", host: string | undefined): string | null {
  const name = host?.toLowerCase();
  if (name === undefined || name.length > LONGEST_HOST || !HOST.test(name)) return null;
  const defaultPort = scheme === "https" ? ":443" : ":80";
  const origin = `${scheme}://${name.endsWith(defaultPort) ? name.slice(0, -defaultPort.length) : name}`;
  return parseWebUrl(origin)?.origin === origin ? origin : null;
}

/** Whether a request with this Host asks for this origin. */
export function isOriginOf(origin: string, host: string | undefined): boolean {
  return originOf(origin.startsWith("https:") ? "https" : "http", host) === origin;
}

/** `localhost`, a name under it, 127.0.0.1 or [::1], with or without a port: names nobody else can claim. */
export function isLoopbackHost(host: string | undefined): boolean {
  return host !== undefined && host.length <= LONGEST_HOST && LOOPBACK.test(host.toLowerCase());
}

/** The port in a Host, or the scheme's own. */
export function portOf(scheme: "http" | "https", host: string | undefined): string {
  const port = /:([0-9]{1,5})$/.exec(host ?? "")?.[1];
  return port ?? (scheme === "https" ? "443" : "80");
}
