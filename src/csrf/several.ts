/**
 * Several managers behind one form: a page has one `_csrf` field, so its text may hold a token for each of them, and each
 * token says whose it is. A manager judges its own and leaves the others' alone: they neither help nor hurt.
 */
import { sha256, toBase64url } from "../core/bytes.ts";
import type { TokenVerdict } from "./contract.ts";
import { isMaskOf } from "./token.ts";

const TOKEN_LENGTH = 86;
const MARK_LENGTH = 8;
const SHAPE = /^[A-Za-z0-9_-]+$/;
/** A page serves few managers; more tokens than this are somebody's guesses. */
const MOST = 8;
export const LONGEST_TEXT: number = MOST * (MARK_LENGTH + TOKEN_LENGTH + 1);

const DEFAULT_NAME = "sid";

/** In front of a manager's tokens. The name itself could hold what has a meaning in HTML. */
export function markOf(name: string): string {
  if (name === DEFAULT_NAME) return "";
  return toBase64url(sha256(Buffer.from(`csrf ${name}`)).subarray(0, (MARK_LENGTH * 3) / 4));
}

/** `absent`: nothing of this manager's is there. `invalid` also for what is no token of anybody. */
export function judgeTokens(text: string, mark: string, secret: Uint8Array | null): TokenVerdict {
  const tokens = split(text);
  if (!tokens) return "invalid";
  const own = tokens.filter((token) => isOwn(token, mark));
  if (own.length === 0) return "absent";
  // All of them: which one was right must not show in the time it takes.
  const right = own.filter((token) => secret !== null && isMaskOf(token.slice(mark.length), secret));
  return right.length > 0 ? "valid" : "invalid";
}

/** What the text holds for other managers, as it came. */
export function tokensForOthers(text: string, mark: string): readonly string[] {
  return (split(text) ?? []).filter((token) => !isOwn(token, mark));
}

export function joinTokens(tokens: readonly string[]): string {
  return tokens.join(".");
}

/** Header fields of one name arrive joined with a comma. */
function split(text: string): readonly string[] | null {
  if (text.length > LONGEST_TEXT) return null;
  const tokens = text.split(/\.|, /, MOST + 1);
  return tokens.length <= MOST && tokens.every(isToken) ? tokens : null;
}

function isToken(text: string): boolean {
  return (text.length === TOKEN_LENGTH || text.length === MARK_LENGTH + TOKEN_LENGTH) && SHAPE.test(text);
}

function isOwn(token: string, mark: string): boolean {
  return token.length === mark.length + TOKEN_LENGTH && token.startsWith(mark);
}
