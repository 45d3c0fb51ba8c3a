/** One user with thousands of sessions, and what that costs them and everybody else. */
import { randomBytes } from "node:crypto";
import type { SessionRecord } from "../../src/core/record.ts";
import { newSessionId } from "../../src/core/token.ts";
import type { UserLimit } from "../../src/stores/contract.ts";
import { median } from "../shared/statistics.ts";
import { beside, type Noticed } from "./beside.ts";
import type { Filled } from "./cost.ts";

export interface Crowd {
  readonly sessions: number;
  /** Medians of single calls, in microseconds. */
  readonly firstLogins: number;
  readonly lastLogins: number;
  readonly otherLogins: number;
  readonly page: number;
  readonly otherPage: number;
  /** All pages. */
  readonly listing: Noticed;
  /** A login where `sessionsPerUser` was set meanwhile, so that all but a few have to go. */
  readonly limiting: Noticed;
  /** The same once it has had its effect. */
  readonly limited: number;
  readonly revoking: Noticed;
}

const USER = "somebody with a robot";
const PAGE = 100;
const SAMPLE = 200;
const LIMIT: UserLimit = { max: 5, over: "evict-oldest" };

export async function measureCrowd(filled: Filled, sessions: number): Promise<Crowd> {
  const { site, fleet } = filled;
  const { store } = site;
  const start = Date.now();
  let clock = start;
  const now = (): number => clock;
  const anyOther = (): string => fleet.record(fleet.any()).id;
  const heavy = <T>(act: () => Promise<T>): Promise<{ readonly noticed: Noticed }> =>
    beside(site, anyOther, now, act);
  const user = (): SessionRecord => ({
    ...fleet.record(0),
    id: newSessionId(randomBytes),
    userId: USER,
    createdAt: clock,
  });

  const login = async (record: SessionRecord, limit?: UserLimit): Promise<void> => {
    clock += 1; // each a moment after the one before, and after any mark
    const call = { now: clock, since: { startedAt: clock } };
    const result = await store.create(record, limit ? { ...call, limit } : call);
    if (!result.ok) throw new Error(`A session could not be made: ${result.reason}.`);
  };
  const logins = async (count: number): Promise<number[]> => times(count, () => login(user()));

  const first = await logins(SAMPLE);
  const middle = await logins(sessions - 2 * SAMPLE);
  const last = await logins(SAMPLE);
  if (middle.length + 2 * SAMPLE !== sessions) throw new Error("some logins are missing");
  const others = await times(SAMPLE, () => login({ ...user(), userId: `${USER} and ${clock}` }));

  const listPage = (userId: string, after?: string) =>
    store.listByUser(userId, { now: clock, limit: PAGE, ...(after !== undefined && { after }) });
  const page = await times(SAMPLE, () => listPage(USER));
  const otherPage = await times(SAMPLE, () =>
    listPage(fleet.record(fleet.any(Math.min(fleet.size, 900))).userId ?? ""),
  );
  const listing = await heavy(async () => {
    let found = 0;
    for (let after: string | null | undefined; after !== null; ) {
      const answer: Awaited<ReturnType<typeof listPage>> = await listPage(USER, after);
      found += answer.sessions.length;
      await new Promise((resolve) => setImmediate(resolve)); // each page is a request
      after = answer.after;
    }
    if (found !== sessions) throw new Error(`${found} of ${sessions} sessions were listed.`);
  });

  const limiting = await heavy(() => login(user(), LIMIT));
  const limited = await times(SAMPLE, () => login(user(), LIMIT));
  await logins(sessions - LIMIT.max);
  const revoking = await heavy(async () => {
    clock += 1;
    const ended = await store.deleteByUser(USER, { now: clock });
    if (ended !== sessions) throw new Error(`${ended} of ${sessions} sessions were ended.`);
  });
  return {
    sessions,
    firstLogins: median(first),
    lastLogins: median(last),
    otherLogins: median(others),
    page: median(page),
    otherPage: median(otherPage),
    listing: listing.noticed,
    limiting: limiting.noticed,
    limited: median(limited),
    revoking: revoking.noticed,
  };
}

/** Microseconds of each. */
async function times(count: number, act: () => Promise<unknown>): Promise<number[]> {
  const micros: number[] = [];
  for (let time = 0; time < count; time++) {
    const started = performance.now();
    await act();
    micros.push((performance.now() - started) * 1000);
  }
  return micros;
}
