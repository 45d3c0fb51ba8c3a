// The table of options in docs/production.md against the code: every option, its default, and what production refuses.
import { describe, expect, test } from "vitest";
import { BREAKER } from "../../src/core/breaker.ts";
import { durationOption } from "../../src/core/duration.ts";
import { type AnyOptions, DEFAULTS } from "../../src/core/options.ts";
import type { Duration } from "../../src/core/types.ts";
import { assembleSessions } from "../../src/create-sessions.ts";
import { InvalidOptionError } from "../../src/errors.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { readDocument } from "./support/documents.ts";
import { codeIn, tableBelow } from "./support/tables.ts";

const page = readDocument("docs/production.md");
const defaults = new Map(
  tableBelow(page, "All options").map(([option, value = ""]) => [codeIn(option), value] as const),
);

/** The options the code knows, as its refusal of an unknown one lists them. */
function known(prefix: string, options: object): readonly string[] {
  try {
    assembleSessions({ store: memoryStore(), ...options } as AnyOptions);
  } catch (error) {
    const [, list] = /There is: (.*)$/.exec(String(error)) ?? [];
    if (list) return list.split(", ").map((name) => `${prefix}${name}`);
  }
  throw new Error(`nothing was refused under "${prefix}"`);
}

test("the table names every option there is, and no other", () => {
  const grouped = new Set(["cookie", "csrf", "remember", "anonymous", "url", "breaker"]);
  const names = [
    ...known("", { nonsense: 1 }).filter((name) => !grouped.has(name)),
    ...known("cookie.", { cookie: { nonsense: 1 } }),
    ...known("csrf.", { csrf: { nonsense: 1 } }),
    ...known("url.", { url: { nonsense: 1 } }),
    ...known("breaker.", { breaker: { nonsense: 1 } }),
    ...known("remember.", { remember: { nonsense: 1 } }),
    ...known("anonymous.", { anonymous: { nonsense: 1 } }),
  ];
  expect([...defaults.keys()].sort()).toEqual(names.sort());
});

describe("the defaults in the table are those in force", () => {
  const inForce = assembleSessions({ store: memoryStore(), mode: "development" }).describe();
  const at = (path: string): unknown =>
    path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], inForce);
  const ms = (option: string): number =>
    durationOption(option, JSON.parse(codeIn(defaults.get(option))) as Duration, Number.NaN);

  test.each([
    ["idleTimeout", DEFAULTS.user.idleMs],
    ["absoluteTimeout", DEFAULTS.user.absoluteMs],
    ["remember.idleTimeout", DEFAULTS.remember.idleMs],
    ["remember.absoluteTimeout", DEFAULTS.remember.absoluteMs],
    ["anonymous.idleTimeout", DEFAULTS.visitor.idleMs],
    ["anonymous.absoluteTimeout", DEFAULTS.visitor.absoluteMs],
    ["rotation", DEFAULTS.rotationMs],
    ["storeTimeout", DEFAULTS.storeTimeoutMs],
    ["breaker.pause", BREAKER.pauseMs],
    ["breaker.longestPause", BREAKER.longestPauseMs],
  ])("%s", (option, value) => {
    expect(ms(option)).toBe(value);
  });

  test("and DEFAULTS is what is in force", () => {
    expect(inForce).toMatchObject({
      lifetimes: { signedIn: DEFAULTS.user, remember: DEFAULTS.remember, visitor: DEFAULTS.visitor },
      rotationMs: DEFAULTS.rotationMs,
      storeTimeoutMs: DEFAULTS.storeTimeoutMs,
      breaker: BREAKER,
    });
  });

  test.each([
    "onTheft",
    "addresses",
    "onSignal",
    "cookie.name",
    "cookie.sameSite",
    "csrf.token",
    "csrf.missingOrigin",
    "csrf.reportOnly",
    "breaker.failures",
  ])("%s", (option) => {
    expect(JSON.parse(codeIn(defaults.get(option)))).toBe(at(option));
  });

  test("the rest is none", () => {
    const none = {
      sessionsPerUser: null,
      accounts: null,
      keepOnLogin: [],
      origin: "from the request",
      trustProxy: "none",
      "cookie.domain": null,
      "csrf.trustedOrigins": [],
      accept: [],
    };
    for (const [option, value] of Object.entries(none)) expect(at(option), option).toEqual(value);
  });
});

describe("what production refuses", () => {
  const refused: Readonly<Record<string, Partial<AnyOptions>>> = {
    durable: {},
    clock: { clock: Date.now },
    random: { random: (bytes) => new Uint8Array(bytes) },
    "csrf.missingOrigin": { csrf: { missingOrigin: "allow" } },
    "csrf.reportOnly": { csrf: { reportOnly: true } },
    ...Object.fromEntries(
      (["cas", "noRevival", "revokeUser", "userIndex"] as const).map((name) => {
        const store = memoryStore();
        const weak = Object.assign(Object.create(store) as typeof store, {
          guarantees: { ...store.guarantees, [name]: false },
        });
        return [name, { store: weak, sessionsPerUser: { max: 1, over: "refuse" } }];
      }),
    ),
  };
  const listed = tableBelow(page, "What production refuses").flatMap(([, names = ""]) =>
    [...names.matchAll(/`"([^"]+)"`/g)].map(([, name = ""]) => name),
  );

  test("is all in the table", () => {
    expect(listed.sort()).toEqual(Object.keys(refused).sort());
  });

  test.each(Object.entries(refused))("%s, unless it is accepted by that name", (name, options) => {
    const make = (accept: readonly string[]) =>
      assembleSessions({ store: memoryStore(), mode: "production", ...options, accept });
    const others = Object.keys(refused).filter((other) => other !== name);
    expect(() => make(others)).toThrow(InvalidOptionError);
    expect(() => make([...others, name])).not.toThrow();
  });
});
