/** What each case starts from: a manager on a store of the harness, a clock in the case's hands, browsers. */

import type { Codec } from "../../codecs/contract.ts";
import type { SessionOptions, Sessions } from "../../core/manager-types.ts";
import { assembleSessions } from "../../create-sessions.ts";
import type { Guarantees, SessionStore } from "../../stores/contract.ts";
import { TEST_ORIGIN, TestBrowser } from "../browser.ts";
import { type FakeClock, fakeClock } from "../clock.ts";
import { type CallCounts, countCalls } from "../counting-store.ts";
import { type Faults, withFaults } from "../faulty-store.ts";
import { NativeClient, type NativeClientOptions } from "../native-client.ts";
import { TestTime } from "../test-time.ts";

export type Values = Record<string, unknown>;

export interface SessionHarness {
  /** A fresh, empty store. Closed by the case. */
  open(): Promise<SessionStore>;
  /** How managers write data, where a case does not say so itself; it carries what the default does. Default: that. */
  readonly codec?: Codec;
  /**
   * What the store declares: a case that needs a guarantee which it lacks is skipped, with that as the reason, and the
   * managers accept the store without it. What is left out counts as given. Default: all.
   */
  readonly guarantees?: Partial<Guarantees>;
}

export interface World {
  readonly sessions: Sessions<Values>;
  readonly clock: FakeClock;
  readonly counts: CallCounts;
  readonly faults: Faults;
  /** What deadlines of the store go by. Where a call hangs it passes by itself, and where something is tried again. */
  readonly time: TestTime;
  /** The store itself, without counting and faults. */
  readonly store: SessionStore;
  browser(): TestBrowser;
  /** One that keeps its tokens itself; for cases with `header()` among the transports. */
  client(options?: NativeClientOptions): NativeClient;
  /** A second manager on the same store, as another process would have. */
  another(options?: Partial<SessionOptions<Values>>): Sessions<Values>;
}

export const MINUTE = 60_000;
export const HOUR: number = 60 * MINUTE;
export const DAY: number = 24 * HOUR;

/** Runs a case in a world of its own and closes the store, whatever happens. */
export async function inWorld(
  harness: SessionHarness,
  options: Partial<SessionOptions<Values>>,
  act: (world: World) => Promise<void>,
): Promise<void> {
  const store = await harness.open();
  const clock = fakeClock();
  const time = new TestTime();
  const counted = countCalls(store);
  const { store: faulty, faults } = withFaults(counted.store, () => time.expire());
  const make = (more: Partial<SessionOptions<Values>> = {}): Sessions<Values> =>
    assembleSessions(
      {
        store: faulty,
        origin: TEST_ORIGIN,
        mode: "production",
        accept: ["durable", "clock", ...lacking(harness.guarantees ?? {})],
        clock: clock.now,
        breaker: false, // cases about it turn it on; to others it would only say what the store says
        ...(harness.codec && { codec: harness.codec }),
        ...options,
        ...more,
      },
      { time, patience: time.patience },
    );
  const sessions = make();
  try {
    await act({
      sessions,
      clock,
      counts: counted.counts,
      faults,
      time,
      store,
      browser: () => new TestBrowser(sessions),
      client: (given) => new NativeClient(sessions, given),
      another: make,
    });
  } finally {
    await sessions.close();
  }
}

const ACCEPTABLE = [
  "cas",
  "noRevival",
  "revokeUser",
  "userIndex",
] as const satisfies readonly (keyof Guarantees)[];

function lacking(guarantees: Partial<Guarantees>): readonly string[] {
  return ACCEPTABLE.filter((name) => guarantees[name] === false);
}
