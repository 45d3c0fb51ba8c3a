/**
 * From what a request presents to the session it may use. Tokens are tried in order, the signed-in ones first; the
 * first one that is good wins. Nothing here ever clears a cookie: a stale answer must not undo a login (flaw F4).
 */
import { StoreUnavailableError } from "../errors.ts";
import type { Presented, Slot } from "../transports/contract.ts";
import { isOneTime } from "./about.ts";
import { type Credentials, isTheft, judge, type Verdict } from "./credentials.ts";
import type { Engine } from "./engine.ts";
import type { RejectReason } from "./event-types.ts";
import { reportOf } from "./events.ts";
import { kindOf, personOf } from "./owners.ts";
import type { Ended, SessionId, SessionRecord } from "./record.ts";
import type { RequestView } from "./request.ts";
import { isActedBy, meetsBounds } from "./standing.ts";
import { type Absence, credentialsIn, type Hold, type Unread, withData } from "./state.ts";
import { parseToken, type Token } from "./token.ts";
import type { Tracking } from "./tracking.ts";

/** More cookies of one name than this are somebody's attack (SECURITY C12). */
const MAX_TRIES = 4;

/** In the order in which they are tried. */
const SLOTS = ["user", "visitor", "either"] as const satisfies readonly (keyof Presented)[];

export type Opened = { readonly hold: Hold } | { readonly hold: null; readonly why: Absence };

/** A session found by its secret, with its data as it is stored. */
interface Found {
  readonly found: Unread;
}

interface Refused {
  readonly hold: null;
  readonly why: RejectReason;
  /** Whose session it is, where that is known. */
  readonly userId?: string | null;
}

/** How a token came. */
interface Way {
  readonly slot: Slot | "either" | "acting";
  readonly isHeld: boolean;
  readonly view: RequestView;
}

export async function openSession(
  engine: Engine,
  { presented, isHeld }: Pick<Tracking, "presented" | "isHeld">,
  view: RequestView,
): Promise<Opened | Found> {
  const isOnly = presented.user.length + presented.visitor.length + presented.either.length === 1;
  let why: Absence = "none";
  let tries = 0;
  for (const slot of SLOTS) {
    for (const text of presented[slot]) {
      const token = parseToken(text);
      if (!token) {
        reject(engine, view, null, { hold: null, why: "malformed" });
        why = why === "none" ? "malformed" : why;
        continue;
      }
      if (tries === MAX_TRIES) return { hold: null, why };
      tries += 1;
      const way: Way = { slot, isHeld, view };
      // Of several tokens the next one counts where the data of this one cannot be read, so that is seen at once.
      const opened = isOnly ? await findByToken(engine, token, way) : await openToken(engine, token, way);
      if ("found" in opened || opened.hold) return opened;
      reject(engine, view, token.id, opened);
      if (why === "none" || why === "malformed" || why === "unknown") why = opened.why;
    }
  }
  return { hold: null, why };
}

/** Counted always, told where somebody listens. */
export function reject(engine: Engine, view: RequestView, id: SessionId | null, refused: Refused): void {
  engine.counts.rejected(refused.why);
  engine.events.emit("rejected", { reason: refused.why, id, userId: refused.userId ?? null }, view);
}

/** The session in the cookie that comes beside the own one of who acts. `null`: it came more than once. */
export async function openActing(
  engine: Engine,
  own: Unread,
  text: string | null,
  view: RequestView,
): Promise<Opened> {
  const token = text === null ? null : parseToken(text);
  const opened = token
    ? await openToken(engine, token, { slot: "acting", isHeld: false, view })
    : ({ hold: null, why: "malformed" } as const);
  if (opened.hold && isActedBy(opened.hold.record, own.record)) return opened;
  const refused: Refused = opened.hold ? { hold: null, why: "unknown" } : opened;
  reject(engine, view, token?.id ?? null, refused);
  return refused;
}

export async function openToken(
  engine: Engine,
  token: Token,
  way: Way,
): Promise<{ readonly hold: Hold } | Refused> {
  const opened = await findByToken(engine, token, way);
  return "found" in opened ? readFound(engine, opened.found, way.view) : opened;
}

/** Decodes the data of a session. */
export function readFound(
  engine: Engine,
  found: Unread,
  view: RequestView,
): { readonly hold: Hold } | Refused {
  const { record, credentials } = found;
  const loaded = withData(engine, record, credentials, view);
  return loaded
    ? { hold: { ...found, ...loaded } }
    : { hold: null, why: "undecodable", userId: personOf(record.userId) };
}

async function findByToken(engine: Engine, token: Token, way: Way): Promise<Found | Refused> {
  const { view } = way;
  let known = recognise(engine, await loadOrReport(engine, token, view, true), token, way);
  // A copy may lag behind the secret that its client has by now: the store itself is asked before a token is refused.
  if (engine.store.mayLag && "verdict" in known && isPast(known.verdict)) {
    known = recognise(engine, await loadOrReport(engine, token, view, false), token, way);
  }
  if ("why" in known) return known;
  const { record, credentials, verdict } = known;
  const userId = personOf(record.userId);
  if (verdict === "unknown") return { hold: null, why: "unknown" };
  if (verdict === "superseded") {
    return { hold: null, why: await refuseSuperseded(engine, record, credentials, token, view), userId };
  }
  if (!meetsBounds(engine.settings.bounds, record)) return { hold: null, why: "below-profile", userId };
  if (credentials.isHeld !== way.isHeld) return { hold: null, why: "other-transport", userId };
  const renewed = verdict === "next" && credentials.pending?.salt === null;
  const epoch = credentials.epoch + (renewed ? 1 : 0);
  return { found: { record, credentials, token, admission: verdict, epoch, isUnconfirmed: false } };
}

interface Known {
  readonly record: SessionRecord;
  readonly credentials: Credentials;
  readonly verdict: Verdict;
}

/** The secret comes first: who knows an id alone makes nothing of ours read data, and raises no alarm (PROTOCOL P4). */
function recognise(engine: Engine, found: Answer, { secret }: Token, { slot, view }: Way): Known | Refused {
  if (found === "damaged") return { hold: null, why: "undecodable" };
  if (!found) return { hold: null, why: "unknown" };
  if ("ended" in found) return { hold: null, why: found.ended };
  const kind = isOneTime(found) ? null : kindOf(found.userId);
  const isWanted = slot === "either" ? kind === "user" || kind === "visitor" : kind === slot;
  if (!isWanted) return { hold: null, why: "unknown" };
  const credentials = credentialsIn(engine, found, view);
  if (!credentials) return { hold: null, why: "undecodable", userId: personOf(found.userId) };
  return {
    record: found,
    credentials,
    verdict: judge(credentials, secret, engine.now(), engine.settings.skewMs),
  };
}

function isPast(verdict: Verdict): boolean {
  return verdict === "superseded" || verdict === "unknown";
}

type Answer = SessionRecord | Ended | null | "damaged";

/** A stored session that is damaged is like one that cannot be decoded: it must not lock its browser out. */
async function loadOrReport(
  engine: Engine,
  { id }: Token,
  view: RequestView,
  mayLag: boolean,
): Promise<Answer> {
  const { store } = engine;
  try {
    return await (mayLag ? store.peek(id, { view }) : store.load(id, { view }));
  } catch (error) {
    if (!(error instanceof StoreUnavailableError) || error.kind !== "damaged") throw error;
    engine.events.emit("undecodable", { id, reason: "damaged" }, view);
    return "damaged";
  }
}

/** A secret of this session's own past: late, or copied. */
async function refuseSuperseded(
  engine: Engine,
  record: SessionRecord,
  credentials: Credentials,
  token: Token,
  view: RequestView,
): Promise<RejectReason> {
  const { settings } = engine;
  if (!isTheft(credentials, token.secret, engine.now(), settings.skewMs)) return "superseded";
  const report = reportOf(record);
  if (report) engine.events.emit("theft", report, view);
  if (!settings.endOnTheft) return "superseded";
  await engine.store.delete(token.id, "theft", undefined, { view });
  return "theft";
}
