/**
 * Several accounts in one browser. Each is a session of its own; the tokens of all of them lie in a cookie beside that of
 * the current one, and are worth what their secrets are worth: the list itself is never believed. It holds the current
 * one too, so that an answer that arrives late and puts an older current one back loses none of them. Only what changes
 * the accounts writes it, and only what asks for them reads it (docs/decisions/030-several-accounts.md).
 */
import { AccountLimitError, InvalidArgumentError } from "../errors.ts";
import type { Aside } from "../transports/contract.ts";
import { infoOf } from "./events.ts";
import { openToken, reject } from "./opening.ts";
import type { SessionId } from "./record.ts";
import type { RequestSession } from "./request-session.ts";
import type { Hold } from "./state.ts";
import type { Token } from "./token.ts";
import type { SessionInfo } from "./types.ts";

/** Tokens that go with the browser, and those of remembered logins: a cookie is kept or not, as a whole. */
const LISTS = [
  { what: "accounts", persistent: false },
  { what: "accounts-kept", persistent: true },
] as const satisfies readonly { what: Aside; persistent: boolean }[];

/** A longer list is none of ours: the option allows no more. */
export const MOST_ACCOUNTS = 10;

/** Whether the browser brought a list: a page elsewhere could make it act. */
export function bringsAccounts(request: RequestSession): boolean {
  return request.engine.settings.accounts !== null && tokensOf(request).length > 0;
}

/** Throws `InvalidArgumentError` where the manager or the client keeps one account at a time. */
export function checkAccounts(request: RequestSession, call: string): void {
  if (request.engine.settings.accounts === null)
    throw new InvalidArgumentError(`${call} needs the option accounts, such as accounts: { max: 5 }.`);
  if (request.tracking.isHeld)
    throw new InvalidArgumentError(`${call} is for browsers: their accounts are kept in cookies.`);
}

/** All live accounts of this browser, the one signed in first in front. Ends nothing, extends nothing, sets nothing. */
export async function listAccounts(request: RequestSession): Promise<readonly SessionInfo[]> {
  checkAccounts(request, "accounts()");
  const current = currentAccount(request);
  return [...(await otherAccounts(request)), ...(current ? [current] : [])]
    .map(({ record }) => infoOf(record, current?.record.id))
    .filter((info) => info !== null)
    .sort((one, other) => one.createdAt - other.createdAt || (one.id < other.id ? -1 : 1));
}

/** Of who acts for somebody it is their own. */
export function currentAccount({ state, own }: RequestSession): Hold | null {
  const { hold } = own ?? state;
  return hold && hold.record.userId !== null ? hold : null;
}

/** The live accounts beside the current one: what of the list opens a session. */
export async function otherAccounts(request: RequestSession): Promise<readonly Hold[]> {
  if (!bringsAccounts(request)) return [];
  const { engine, view } = request;
  const own = currentAccount(request)?.record.id;
  // The copy of the current one may be older than its cookie, and that is no sign of anything.
  const tokens = tokensOf(request).filter(({ id }) => id !== own);
  const opened = await Promise.all(
    tokens.map(async (token) => {
      const result = await openToken(engine, token, { slot: "user", isHeld: false, view });
      if (!result.hold) reject(engine, view, token.id, result);
      return result.hold;
    }),
  );
  return opened.filter((hold) => hold !== null);
}

function tokensOf({ asides }: RequestSession): readonly Token[] {
  const all = new Map<SessionId, Token>();
  for (const { what } of LISTS) for (const token of asides.get(what)) all.set(token.id, token);
  return [...all.values()].slice(0, MOST_ACCOUNTS);
}

/** Throws `AccountLimitError` when one more beside these would be too many. */
export function checkRoom({ engine }: RequestSession, others: number): void {
  const { accounts } = engine.settings;
  if (accounts !== null && others >= accounts) throw new AccountLimitError(accounts);
}

/** Writes the list anew; a browser with no account beside the current one needs none. */
export function keepAccounts(request: RequestSession, others: readonly Hold[]): void {
  const { engine, asides } = request;
  if (engine.settings.accounts === null) return;
  const current = currentAccount(request);
  const all = others.length === 0 ? [] : [...others, ...(current ? [current] : [])];
  for (const { what, persistent } of LISTS) {
    const holds = all.filter(({ record }) => record.persistent === persistent);
    if (holds.length === 0 && asides.get(what).length === 0) continue;
    const longest = Math.max(...holds.map(({ record }) => record.absoluteUntil));
    const tokens = holds.map(({ token }) => token);
    asides.put(what, tokens, persistent ? Math.max(1, Math.floor((longest - engine.now()) / 1000)) : null);
  }
}
