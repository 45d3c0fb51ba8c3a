/** Managers on one pair of keys, with a clock in the test's hands. */
import { randomBytes } from "node:crypto";
import { newCredentials, packCredentials } from "../../../src/core/credentials.ts";
import type { SessionOptions } from "../../../src/core/manager-types.ts";
import type { SessionId, SessionRecord } from "../../../src/core/record.ts";
import { newSecrets } from "../../../src/core/token.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import type { SessionStore } from "../../../src/stores/contract.ts";
import type { Cargo, CarryingStore } from "../../../src/stores/cookie/contract.ts";
import { cookieStore, newKey } from "../../../src/stores/cookie.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { TEST_ORIGIN, TestBrowser } from "../../../src/testing/browser.ts";
import { fakeClock } from "../../../src/testing/clock.ts";
import { withFaults } from "../../../src/testing/faulty-store.ts";
import { START, userRecord } from "../../../src/testing/store-contract/records.ts";

export const POST = { method: "POST" } as const;
export const SID = "__Host-Http-sid";

const ACCEPT = ["cas", "noRevival", "revokeUser", "durable", "clock"];

export const clock = fakeClock();
export const KEY = newKey();

const COMMON = { origin: TEST_ORIGIN, mode: "production", accept: ACCEPT, clock: clock.now } as const;

type More = Pick<SessionOptions<Record<string, unknown>>, "csrf" | "cookie">;

/** Nothing but cookies. */
export function plainWorld(keys: string | readonly string[] = KEY, maxBytes = 4096, more: More = {}) {
  const sessions = createSessions({ ...COMMON, store: cookieStore({ keys, maxBytes }), ...more });
  return { sessions, browser: () => new TestBrowser(sessions) };
}

/** Two processes with one store of epochs. */
export function epochWorld(epochTtl: `${number}s` | 0 = 0) {
  const { store: epochs, faults } = withFaults(memoryStore());
  const process = () =>
    createSessions({
      ...COMMON,
      store: cookieStore({ keys: KEY, epochs, epochTtl }),
      storeTimeout: "2s",
      breaker: false, // after an outage, what comes next is asked at once
    });
  const [here, there] = [process(), process()];
  return { here, there, epochs, faults, browser: () => new TestBrowser(here) };
}

/** What the browser holds of its session, in order. */
export function pieces({ jar }: TestBrowser, name: string = SID): readonly string[] {
  return [...jar.keys()].filter((key) => key.startsWith(`${name}.`)).toSorted();
}

/** A store as the requests of one client see it, and the cookies of that client. */
export function carriedBy({ carrying }: CarryingStore) {
  const jar = new Map<SessionId, string>();
  const cargo: Cargo = {
    brought: (id) => (jar.has(id) ? { sealed: jar.get(id) ?? null, deadline: null } : null),
    put: ({ id }, sealed) => void jar.set(id, sealed),
    putDeadline: () => {},
  };
  return { jar, request: (): SessionStore => carrying.for(cargo) };
}

export function carriedRecord(fields: Partial<SessionRecord> = {}): SessionRecord {
  const credentials = packCredentials(newCredentials(newSecrets(randomBytes).secret, randomBytes(32), START));
  return userRecord("ada", { credentials, ...fields });
}
