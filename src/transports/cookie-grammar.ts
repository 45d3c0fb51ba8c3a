/**
 * Reading Cookie and writing Set-Cookie by the letter (draft-ietf-httpbis-layered-cookies, RFC 6265). Reading is
 * linear and lenient only where the grammar is; writing refuses whatever a browser might read in another way.
 */
import { skipBlanks, skipBlanksBack, sliceTrimmed } from "../core/header-text.ts";
import { InvalidArgumentError } from "../errors.ts";

/** A longer Cookie header is not read at all, and no pair after the last one counted (SECURITY N2). */
export const MAX_HEADER_LENGTH: number = 64 * 1024;
export const MAX_PAIRS = 200;

/** Browsers drop a cookie above these, without a word (SECURITY C7). */
export const MAX_NAME_AND_VALUE = 4096;
const MAX_ATTRIBUTE = 1024;

/** No browser keeps a cookie longer: 400 days. */
export const MAX_AGE_SECONDS: number = 400 * 24 * 60 * 60;

/**
 * Every value of each name, in the order of the header; one list for each of `names`. Names are compared exactly:
 * no folding of case, dots, brackets or blanks other than space and tab (SECURITY C11). Values are given as sent.
 */
export function findCookies(header: string, names: readonly string[]): readonly (readonly string[])[] {
  const found: string[][] = names.map(() => []);
  if (header.length > MAX_HEADER_LENGTH) return found;
  let equals = -1;
  let pairs = 0;
  for (let start = 0, end = 0; start < header.length && pairs < MAX_PAIRS; start = end + 1) {
    end = header.indexOf(";", start);
    if (end === -1) end = header.length;
    // Searched for once only where pairs have none, or a header of semicolons would cost its square.
    if (equals < start) equals = header.indexOf("=", start);
    if (equals === -1) break;
    if (equals > end) continue; // no "=": a nameless cookie, which cannot be ours
    pairs++;
    const nameStart = skipBlanks(header, start, equals);
    const nameLength = skipBlanksBack(header, nameStart, equals) - nameStart;
    for (let slot = 0; slot < names.length; slot++) {
      const name = names[slot];
      if (name?.length !== nameLength || nameLength === 0 || !header.startsWith(name, nameStart)) continue;
      found[slot]?.push(sliceTrimmed(header, equals + 1, end));
    }
  }
  return found;
}

export interface SetCookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  readonly domain?: string | undefined;
  /** Whole seconds, 0 to take the cookie away. Left out: until the browser closes. */
  readonly maxAge?: number | undefined;
  readonly expires?: Date | undefined;
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite: "Lax" | "Strict" | "None";
}

/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** cookie-octet of RFC 6265 section 4.1.1, without the optional quotes. */
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
/** Less than the grammar allows: no blank, no comma, which some intermediaries split at. */
const PATH = /^\/[\x21-\x2b\x2d-\x3a\x3c-\x7e]*$/;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** One Set-Cookie value. Throws `InvalidArgumentError` for any part that is not valid (SECURITY C4, C10, D12). */
export function serialiseSetCookie(cookie: SetCookie): string {
  check(matches(cookie.name, TOKEN), "its name is not a token");
  check(matches(cookie.value, VALUE), "its value holds a character that is not allowed");
  check(cookie.name.length + cookie.value.length <= MAX_NAME_AND_VALUE, "name and value exceed 4096 bytes");
  check(matches(cookie.path, PATH) && cookie.path.length <= MAX_ATTRIBUTE, "its Path is not valid");
  check(["Lax", "Strict", "None"].includes(cookie.sameSite), "its SameSite is not Lax, Strict or None");
  check(isFlag(cookie.secure) && isFlag(cookie.httpOnly), "Secure and HttpOnly are true or false");
  check(cookie.sameSite !== "None" || cookie.secure, "SameSite=None needs Secure");
  checkPrefix(cookie);
  let line = `${cookie.name}=${cookie.value}; Path=${cookie.path}`;
  if (cookie.domain !== undefined) {
    check(isCookieDomain(cookie.domain), "its Domain is not a host name");
    line += `; Domain=${cookie.domain}`;
  }
  if (cookie.maxAge !== undefined) {
    const { maxAge } = cookie;
    check(Number.isInteger(maxAge) && maxAge >= 0 && maxAge <= MAX_AGE_SECONDS, "its Max-Age is not valid");
    line += `; Max-Age=${maxAge}`;
  }
  if (cookie.expires !== undefined) {
    const year = cookie.expires instanceof Date ? cookie.expires.getUTCFullYear() : Number.NaN;
    check(year >= 1601 && year <= 9999, "its Expires is not valid");
    line += `; Expires=${cookie.expires.toUTCString()}`;
  }
  if (cookie.secure) line += "; Secure";
  if (cookie.httpOnly) line += "; HttpOnly";
  return `${line}; SameSite=${cookie.sameSite}`;
}

/** Browsers drop a prefixed cookie that lacks what its prefix promises, and compare prefixes without case. */
function checkPrefix(cookie: SetCookie): void {
  const name = cookie.name.toLowerCase();
  if (!name.startsWith("__")) return;
  const isHost = name.startsWith("__host-");
  const isHttp = name.startsWith("__http-") || name.startsWith("__host-http-");
  check(cookie.secure || !(isHost || isHttp || name.startsWith("__secure-")), "its prefix needs Secure");
  check(cookie.httpOnly || !isHttp, "its prefix needs HttpOnly");
  check(!isHost || cookie.path === "/", "its prefix needs Path=/");
  check(!isHost || cookie.domain === undefined, "its prefix allows no Domain");
}

export function isCookieName(text: unknown): text is string {
  return matches(text, TOKEN);
}

/** A host name of at least two labels in lower case. No address, no leading dot; browsers refuse public suffixes. */
export function isCookieDomain(text: unknown): text is string {
  if (typeof text !== "string" || text.length > 253) return false;
  const labels = text.split(".");
  return (
    labels.length >= 2 && labels.every((label) => LABEL.test(label)) && !/^[0-9]+$/.test(labels.at(-1) ?? "")
  );
}

function matches(text: unknown, pattern: RegExp): boolean {
  return typeof text === "string" && pattern.test(text);
}

function isFlag(value: unknown): boolean {
  return typeof value === "boolean";
}

/** Names the fault, never the value: it may be a credential (SECURITY A2). */
function check(isValid: boolean, problem: string): void {
  if (!isValid) throw new InvalidArgumentError(`This cookie cannot be set: ${problem}.`);
}
