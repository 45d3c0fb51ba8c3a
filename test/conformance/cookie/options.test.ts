/** What is refused at start, by the name of the option, and what the types leave out. */
import { describe, expect, it } from "vitest";
import { createSessions } from "../../../src/create-sessions.ts";
import { InvalidOptionError } from "../../../src/errors.ts";
import { type CookieStoreOptions, cookieStore, newKey } from "../../../src/stores/cookie.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { tiered } from "../../../src/stores/tiered.ts";
import { header } from "../../../src/transports/header.ts";

const keys = newKey();
const ACCEPT = ["cas", "noRevival", "revokeUser"];

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof InvalidOptionError) return error.message;
    throw error;
  }
  return "nothing was refused";
}

const asking = (options: object, store: object = cookieStore({ keys })): string =>
  refusalOf(() =>
    createSessions({ store, accept: ACCEPT, origin: "https://app.example", ...options } as never),
  );

it("the guarantees that are missing have to be accepted by name, fewer of them with epochs", () => {
  const lacking = (store: object, accept: readonly string[]): string => asking({ accept }, store);
  for (const [at, name] of ACCEPT.entries()) {
    expect(lacking(cookieStore({ keys }), ACCEPT.toSpliced(at, 1))).toContain(
      `does not keep the guarantee ${name}`,
    );
  }
  const revocable = cookieStore({ keys, epochs: memoryStore() });
  expect(lacking(revocable, [])).toContain("the guarantee cas");
  expect(lacking(revocable, ["cas"])).toBe("nothing was refused");
});

it.each<[option: string, options: object]>([
  ["sessionsPerUser", { sessionsPerUser: { max: 2 } }],
  ["accounts", { accounts: { max: 2 } }],
  ["transports", { transports: ["cookie", header()] }],
  ["rotation", { rotation: "5m" }],
  ["onTheft", { onTheft: "end" }],
  ["url", { url: {} }],
  ["absoluteTimeout", { absoluteTimeout: "401d" }],
  ["remember", { remember: { absoluteTimeout: "401d" } }],
  ["anonymous", { anonymous: { absoluteTimeout: "401d" } }],
  ["profile", { profile: "aal2" }],
])("createSessions refuses %s, which would need what nobody keeps", (option, options) => {
  const accept = [...ACCEPT, "userIndex"];
  for (const store of [cookieStore({ keys }), cookieStore({ keys, epochs: memoryStore() })]) {
    expect(asking({ accept, ...options }, store)).toMatch(new RegExp(`^Option ${option}: `));
  }
});

it("production wants a memory of ends that a restart does not wipe", () => {
  const store = cookieStore({ keys, epochs: memoryStore() });
  expect(asking({ mode: "production" }, store)).toMatch(/^Option epochs: a memoryStore forgets at a restart/);
  expect(asking({ mode: "production", accept: [...ACCEPT, "durable"] }, store)).toBe("nothing was refused");
  expect(asking({ mode: "production" })).toBe("nothing was refused");
});

describe("cookieStore refuses", () => {
  it.each<[what: string, options: object, message: RegExp]>([
    ["what it does not know", { keys, maxbytes: 1 }, /^Option cookieStore\.maxbytes: is not known/],
    ["no key", { keys: undefined }, /^Option cookieStore\.keys: there is none/],
    ["a password for a key", { keys: "correct horse battery staple" }, /^Option cookieStore\.keys: /],
    ["too small a limit", { keys, maxBytes: 255 }, /^Option cookieStore\.maxBytes: /],
    ["too large a limit", { keys, maxBytes: 8193 }, /^Option cookieStore\.maxBytes: /],
    ["half a byte", { keys, maxBytes: 1024.5 }, /^Option cookieStore\.maxBytes: /],
    ["what is no store", { keys, epochs: {} }, /^Option cookieStore\.epochs: must be a store/],
    ["itself as epochs", { keys, epochs: cookieStore({ keys }) }, /^Option cookieStore\.epochs: .* lacks/],
    ["a belief without epochs", { keys, epochTtl: "10s" }, /^Option cookieStore\.epochTtl: /],
    [
      "a belief of an hour",
      { keys, epochs: memoryStore(), epochTtl: "1h" },
      /^Option cookieStore\.epochTtl: /,
    ],
    [
      "a belief of less than nothing",
      { keys, epochs: memoryStore(), epochTtl: -1 },
      /^Option cookieStore\.epochTtl: /,
    ],
  ])("%s", (_, options, message) => {
    expect(refusalOf(() => cookieStore(options as CookieStoreOptions))).toMatch(message);
  });
});

it("there is nothing to put a cache in front of", () => {
  expect(refusalOf(() => tiered({ maxAge: "1s" }, cookieStore({ keys })))).toMatch(/^Option far: /);
});

it("every start says what a logout is worth, and what large sessions meet", async () => {
  const ready = (options: Partial<CookieStoreOptions>) =>
    createSessions({
      store: cookieStore({ keys, ...options }),
      accept: ACCEPT,
      origin: "https://app.example",
    }).ready();
  expect(await ready({})).toEqual([expect.stringContaining("A copy of it stays good")]);
  expect(await ready({ maxBytes: 8192 })).toEqual([
    expect.stringContaining("A copy of it stays good"),
    expect.stringContaining("above 8 KB"),
  ]);
});

it("calls that the types leave out are refused with a code, without epochs and with them", async () => {
  const plain = createSessions({
    store: cookieStore({ keys }),
    accept: ACCEPT,
    origin: "https://app.example",
  });
  const id = "A".repeat(22);
  const lacks = { code: "STORE_LACKS", status: 501 };
  const calls = plain as unknown as Record<string, (...given: readonly unknown[]) => Promise<unknown>>;
  for (const [name, ...given] of [
    ["list", "ada"],
    ["revoke", "ada", id],
    ["revokeAll", "ada"],
    ["erase", "ada"],
    ["revokeEveryone"],
    ["beginLogin", "ada"],
  ]) {
    await expect(calls[name ?? ""]?.(...given)).rejects.toMatchObject(lacks);
  }
  const store = cookieStore({ keys, epochs: memoryStore() });
  const revocable = createSessions({ store, accept: ACCEPT, origin: "https://app.example" });
  await expect(
    (revocable as unknown as { list(user: string): Promise<unknown> }).list("ada"),
  ).rejects.toMatchObject(lacks);
});
