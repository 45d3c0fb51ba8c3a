import { describe, expect, it } from "vitest";
import { InvalidOptionError } from "../errors.ts";
import type { Guarantees, SessionStore } from "../stores/contract.ts";
import { type AnyOptions, readSettings } from "./options.ts";

const GUARANTEES: Guarantees = {
  cas: true,
  noRevival: true,
  revokeUser: true,
  userIndex: true,
  slots: false,
  expiry: "sweep",
  shared: "host",
  durable: "process-crash",
  maxBytes: 65_536,
};

/** Only looked at, never called. */
function storeWith(guarantees: Partial<Guarantees>, name = "sqlite"): SessionStore {
  return {
    name,
    guarantees: { ...GUARANTEES, ...guarantees },
    load: async () => null,
  } as unknown as SessionStore;
}

const read = (options: Partial<AnyOptions>) =>
  readSettings({ store: storeWith({}), ...options } as AnyOptions);

/** The option named by the refusal. */
function refused(options: Record<string, unknown>): string {
  try {
    read(options as Partial<AnyOptions>);
  } catch (error) {
    if (error instanceof InvalidOptionError) return error.option;
    throw error;
  }
  return "accepted";
}

describe("the defaults", () => {
  it("are 30 min and 12 h signed in, 14 d and 90 d remembered, 7 d and 30 d for visitors", () => {
    const { user, remember, visitor } = read({});
    const minute = 60_000;
    const day = 24 * 60 * minute;
    expect(user).toEqual({ idleMs: 30 * minute, absoluteMs: 12 * 60 * minute });
    expect(remember).toEqual({ idleMs: 14 * day, absoluteMs: 90 * day });
    expect(visitor).toEqual({ idleMs: 7 * day, absoluteMs: 30 * day });
  });

  it("rotate every 15 minutes, report theft, wait one second for the store, limit nothing", () => {
    expect(read({})).toMatchObject({
      rotationMs: 900_000,
      endOnTheft: false,
      storeTimeoutMs: 1000,
      limit: null,
      keepOnLogin: [],
      skewMs: 0,
    });
  });

  it("allow for five seconds between clocks where the store is shared over a network", () => {
    expect(read({ store: storeWith({ shared: "network" }) }).skewMs).toBe(5000);
  });
});

describe("options are refused by name", () => {
  it.each<[string, Record<string, unknown>]>([
    ["secure", { secure: true }],
    ["store", { store: undefined }],
    ["store", { store: {} }],
    ["idleTimeout", { idleTimeout: "never" }],
    ["idleTimeout", { idleTimeout: "13h" }],
    ["absoluteTimeout", { absoluteTimeout: -1 }],
    ["remember.idleTimeout", { remember: { idleTimeout: 0 } }],
    ["remember.ttl", { remember: { ttl: 5 } }],
    ["anonymous.absoluteTimeout", { anonymous: { absoluteTimeout: "1y" } }],
    ["rotation", { rotation: "0s" }],
    ["mode", { mode: "staging" }],
    ["onTheft", { onTheft: "kill" }],
    ["storeTimeout", { storeTimeout: Number.POSITIVE_INFINITY }],
    ["breaker", { breaker: true }],
    ["breaker.after", { breaker: { after: 5 } }],
    ["breaker.failures", { breaker: { failures: 0 } }],
    ["breaker.pause", { breaker: { pause: "soon" } }],
    ["breaker.longestPause", { breaker: { pause: "30s", longestPause: "10s" } }],
    ["accept", { accept: "durable" }],
    ["accept", { accept: ["everything"] }],
    ["keepOnLogin", { keepOnLogin: "cart" }],
    ["sessionsPerUser.max", { sessionsPerUser: { max: 0, over: "refuse" } }],
    ["accounts.max", { accounts: { max: 1 } }],
    ["accounts.max", { accounts: { max: 11 } }],
    ["accounts.max", { accounts: { max: 2.5 } }],
    ["accounts.max", { accounts: {} }],
    ["accounts.least", { accounts: { max: 2, least: 1 } }],
    ["sessionsPerUser.over", { sessionsPerUser: { max: 1, over: "drop" } }],
    ["initial", { initial: () => ({}), schema: {} }],
    ["profile", { profile: "aal4" }],
  ])("%s in %o", (option, options) => {
    expect(refused(options)).toBe(option);
  });

  it("accepts false for rotation, and a shorter absolute timeout than the default idle one", () => {
    expect(read({ rotation: false }).rotationMs).toBeNull();
    expect(read({ absoluteTimeout: "10m" }).user).toEqual({ idleMs: 600_000, absoluteMs: 600_000 });
  });
});

describe("a store that keeps less than the promises need", () => {
  it.each(["cas", "noRevival", "revokeUser"] as const)(
    "is refused without %s, unless it is accepted by name",
    (name) => {
      const store = storeWith({ [name]: false });
      expect(refused({ store })).toBe("store");
      expect(refused({ store, accept: [name] })).toBe("accepted");
    },
  );

  it("needs a user index only for sessionsPerUser", () => {
    const store = storeWith({ userIndex: false });
    expect(refused({ store })).toBe("accepted");
    expect(refused({ store, sessionsPerUser: { max: 1, over: "refuse" } })).toBe("store");
  });
});

describe("in production", () => {
  it.each<[string, Record<string, unknown>]>([
    ["random", { random: (bytes: number) => new Uint8Array(bytes) }],
    ["clock", { clock: () => 0 }],
    ["csrf.missingOrigin", { csrf: { missingOrigin: "allow" } }],
    ["csrf.reportOnly", { csrf: { reportOnly: true } }],
  ])("%s is refused unless it is accepted by name", (option, options) => {
    expect(refused({ ...options, mode: "production" })).toBe(option);
    expect(refused({ ...options, mode: "production", accept: [option] })).toBe("accepted");
    expect(refused({ ...options, mode: "development" })).toBe("accepted");
  });

  it("a memory store is refused unless its forgetting is accepted", () => {
    const store = storeWith({ durable: "no" }, "memory");
    expect(refused({ store, mode: "production" })).toBe("store");
    expect(refused({ store, mode: "production", accept: ["durable"] })).toBe("accepted");
    expect(refused({ store, mode: "development" })).toBe("accepted");
  });
});
