/**
 * Revocation of many without an index: a mark says that what began before it is over. A session keeps the token of the
 * mark that stood when it began; one that meets another token is revoked. No clocks are compared, and a login under way
 * while the mark is set does not get past it.
 */
import { randomBytes } from "node:crypto";
import { sha256, toBase64url } from "../../core/bytes.ts";
import type { Instant, SessionId } from "../../core/record.ts";
import { type CreateOptions, REVOCATION_MS } from "../contract.ts";
import { decodeMark, encodeMark, type Mark, type Marks, type Row } from "./entry.ts";
import type { Turns } from "./turns.ts";

/** Browsers keep no cookie longer, so no session outlives a mark. */
const MARK_MS = 400 * 86_400_000;

export const EVERYONE = "sojourn-mark-of-everyone";

export function markKey(userId: string): string {
  return `sojourn-mark-${toBase64url(sha256(Buffer.from(userId, "utf16le")))}`;
}

/** The marks that stand now, of those that count for a session of this user. */
export interface Standing {
  readonly user: Mark | null;
  readonly everyone: Mark | null;
}

/** Both at once, and neither while it is being written. The one for everyone is kept where keys cannot be listed. */
export async function readMarks(
  turns: Turns,
  userId: string | null,
  signal: AbortSignal | undefined,
): Promise<Standing> {
  const read = (key: string): Promise<Mark | null> =>
    turns.share(key, signal, async (turn) => decodeMark(await turn.get(key)));
  const [user, everyone] = await Promise.all([
    userId === null ? null : read(markKey(userId)),
    turns.canList ? null : read(EVERYONE),
  ]);
  return { user, everyone };
}

export function tokensOf({ user, everyone }: Standing): Marks {
  return { user: user?.token ?? "", everyone: everyone?.token ?? "" };
}

/** The mark that ended this session, if one did. */
export function markAgainst({ record, marks }: Row, { user, everyone }: Standing): Mark | null {
  if (everyone && everyone.token !== marks.everyone) return everyone;
  return user && user.token !== marks.user && user.except !== record.id ? user : null;
}

/** Whether a login that began then, or read that token, is kept out. */
export function isKeptOut({ user }: Standing, now: Instant, since: CreateOptions["since"]): boolean {
  if (!isRemembered(user, now)) return false;
  return "revocation" in since ? since.revocation !== user.token : since.startedAt <= user.at;
}

export function tokenOf(mark: Mark | null, now: Instant): string {
  return isRemembered(mark, now) ? mark.token : "";
}

export function setMark(
  turns: Turns,
  key: string,
  signal: AbortSignal | undefined,
  now: Instant,
  except: SessionId | null,
): Promise<void> {
  return turns.alone(key, signal, async (turn) => {
    const last = decodeMark(await turn.get(key));
    const mark = { at: Math.max(now, last?.at ?? now), token: toBase64url(randomBytes(12)), except };
    await turn.set(key, encodeMark(mark), MARK_MS);
  });
}

function isRemembered(mark: Mark | null, now: Instant): mark is Mark {
  return mark !== null && now < mark.at + REVOCATION_MS;
}
