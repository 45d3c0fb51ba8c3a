// Each profile against what it reports: every row of describe().profile by behaviour, with a clock of our own.
import { describe, expect, it, vi } from "vitest";
import { createSessions } from "../create-sessions.ts";
import { InvalidOptionError } from "../errors.ts";
import { memoryStore } from "../stores/memory.ts";
import { TEST_ORIGIN, TestBrowser } from "../testing/browser.ts";
import { fakeClock } from "../testing/clock.ts";
import { durationOption } from "./duration.ts";
import type { SessionOptions } from "./manager-types.ts";
import type { ProfileReport } from "./profile-report.ts";
import { ACCEPTABLE_RULES } from "./profile-rules.ts";
import { PROFILES, type ProfileName } from "./profiles.ts";
import type { Duration } from "./types.ts";

const POST = { method: "POST" } as const;
const NAMES = Object.keys(PROFILES) as ProfileName[];
const MINUTE = 60_000;
type Options = Partial<SessionOptions<Record<string, unknown>>>;

function under(profile: ProfileName | undefined, options: Options = {}) {
  const clock = fakeClock();
  const sessions = createSessions<Record<string, unknown>>({
    store: memoryStore(),
    origin: TEST_ORIGIN,
    mode: "production",
    clock: clock.now,
    ...options,
    ...(profile && { profile }),
    accept: ["durable", "clock", ...(options.accept ?? [])],
  });
  const login = { level: profile ? PROFILES[profile].leastLevel.level : 1 };
  const signIn = async (): Promise<TestBrowser> => {
    const tab = new TestBrowser(sessions);
    const token = (await tab.visit((session) => session.csrfToken())).value ?? "";
    const headers = { "x-csrf-token": token };
    expect((await tab.visit((session) => session.login("ada", login), { ...POST, headers })).error).toBe(
      null,
    );
    return tab;
  };
  return { sessions, clock, signIn, login };
}

function report(profile: ProfileName, options: Options = {}): ProfileReport {
  return under(profile, options).sessions.describe().profile as ProfileReport;
}

const userOf = async (tab: TestBrowser): Promise<string | null | undefined> =>
  (await tab.visit((session) => session.userId)).value;
const ms = (text: string): number => durationOption("", text.split(" ")[0] as Duration, Number.NaN);
const row = (profile: ProfileName, option: string): string =>
  report(profile).rules.find((rule) => rule.option === option)?.inForce ?? "";

describe.each(NAMES)("the profile %s", (profile) => {
  it("has a source for each rule, and reports no rule that it does not keep", () => {
    for (const { source, isSetAside, asks } of report(profile).rules) {
      expect(source).toMatch(/^(NIST SP 800-63B-4 \d|OWASP |ours)/);
      expect([isSetAside, asks.length > 0]).toEqual([false, true]);
    }
  });

  it("ends a session that nobody uses when it says, to the millisecond", async () => {
    const { clock, signIn, sessions } = under(profile);
    const { lifetimes } = sessions.describe() as { lifetimes: { signedIn: { idleMs: number } } };
    const idle = row(profile, "idleTimeout") || `${lifetimes.signedIn.idleMs}ms`;
    const tab = await signIn();
    clock.advance(ms(idle) - 1);
    const copy = tab.copy();
    expect(await userOf(tab)).toBe("ada");
    clock.advance(ms(idle));
    expect(await userOf(copy)).toBe(null);
  });

  it("ends a session that is used all the time when it says, to the millisecond", async () => {
    const { clock, signIn } = under(profile);
    const tab = await signIn();
    const end = clock.now() + ms(row(profile, "absoluteTimeout"));
    while (clock.now() < end - 1) {
      clock.set(Math.min(clock.now() + 4 * MINUTE, end - 1));
      expect(await userOf(tab)).toBe("ada");
    }
    clock.set(end);
    expect(await userOf(tab)).toBe(null);
  });

  it("refuses a login below its level, and says how to go on", async () => {
    const { sessions, login } = under(profile);
    expect(row(profile, "login level")).toBe(`at least ${login.level}`);
    const tab = new TestBrowser(sessions);
    const token = (await tab.visit((session) => session.csrfToken())).value ?? "";
    const headers = { "x-csrf-token": token };
    for (const level of [1, 2, 3] as const) {
      const { error } = await tab
        .copy()
        .visit((session) => session.login("ada", { level }), { ...POST, headers });
      expect(error?.code).toBe(level < login.level ? "INVALID_ARGUMENT" : undefined);
      if (error) expect(error.message).toMatch(/beginSecondFactor/);
    }
  });

  it("asks for a fresh login when requireFresh is not told otherwise", async () => {
    const { clock, signIn } = under(profile);
    const tab = await signIn();
    clock.advance(ms(row(profile, "requireFresh")));
    expect((await tab.visit((session) => session.requireFresh())).error).toBe(null);
    clock.advance(1);
    expect((await tab.visit((session) => session.requireFresh())).error?.code).toBe("STALE_LOGIN");
    expect((await tab.visit((session) => session.requireFresh("1h"))).error).toBe(null);
  });

  it("asks for a token even of our own pages", async () => {
    expect([row(profile, "csrf.token"), row(profile, "csrf.reportOnly")]).toEqual(['"always"', "false"]);
    const tab = await under(profile).signIn();
    expect((await tab.visit((session) => session.set("x", 1), POST)).error?.code).toBe("CSRF_DENIED");
    const headers = { "x-csrf-token": (await tab.visit((session) => session.csrfToken())).value ?? "" };
    expect((await tab.visit((session) => session.set("x", 1), { ...POST, headers })).status).toBe(200);
  });

  it("remembers whom it says it remembers, for as long", async () => {
    const note = vi.spyOn(console, "info").mockImplementation(() => undefined);
    const { sessions, login } = under(profile, { mode: "development" });
    const tab = new TestBrowser(sessions);
    const token = (await tab.visit((session) => session.csrfToken())).value ?? "";
    const { setCookies } = await tab.visit((session) => session.login("ada", { ...login, remember: true }), {
      ...POST,
      headers: { "x-csrf-token": token },
    });
    const age = /sid=[^;]+;.*Max-Age=(\d+)/.exec(setCookies.join("\n"))?.[1];
    const remembered = row(profile, "remember.absoluteTimeout");
    expect(age).toBe(remembered ? String(ms(remembered) / 1000) : undefined);
    expect(note).toHaveBeenCalledTimes(remembered ? 0 : 1);
    note.mockRestore();
  });

  it("writes the cookie it says", async () => {
    const { sessions, login } = under(profile);
    const tab = new TestBrowser(sessions);
    const headers = { "x-csrf-token": (await tab.visit((session) => session.csrfToken())).value ?? "" };
    const { setCookies } = await tab.visit((session) => session.login("ada", login), { ...POST, headers });
    const line = setCookies.find((cookie) => cookie.startsWith("__Host-Http-sid=")) ?? "";
    expect(line.toLowerCase()).toContain(`samesite=${row(profile, "cookie.sameSite").slice(1, -1)}`);
    expect([row(profile, "cookie.domain"), /domain=/i.test(line)]).toEqual(["none", false]);
  });

  it("rotates as often as it says, and does what it says when an old secret comes back", async () => {
    const { clock, signIn, sessions } = under(profile);
    const every = row(profile, "rotation") || `${Number(sessions.describe().rotationMs)}ms`;
    const onTheft = JSON.parse(row(profile, "onTheft") || JSON.stringify(sessions.describe().onTheft));
    const tab = await signIn();
    const start = clock.now();
    const thief = tab.copy();
    const step = async (at: number): Promise<number> => {
      clock.set(start + at);
      return (await tab.visit((session) => session.userId)).setCookies.length;
    };
    for (let at = 4 * MINUTE; at < ms(every); at += 4 * MINUTE) expect(await step(at)).toBe(0);
    expect(await step(ms(every))).toBe(1);
    await step(ms(every) + 1);
    clock.advance(MINUTE);
    expect(await userOf(thief)).toBe(null);
    expect(await userOf(tab)).toBe(onTheft === "end" ? null : "ada");
  });

  it.each(PROFILES[profile].rules.map((rule) => [rule.option, rule] as const))(
    "refuses a weaker %s by that name, and takes it by name only where the source says should",
    (option, { isBinding }) => {
      const weaker: Readonly<Record<string, Options>> = {
        idleTimeout: { idleTimeout: "7h", absoluteTimeout: "8h" },
        absoluteTimeout: { absoluteTimeout: "31d" },
        remember: { remember: {} },
        "remember.absoluteTimeout": { remember: { absoluteTimeout: "31d" } },
        rotation: { rotation: false },
        onTheft: { onTheft: "report" },
        "cookie.sameSite": { cookie: { sameSite: "none" } },
        "cookie.domain": { cookie: { domain: "app.example" } },
        "csrf.token": { csrf: { token: "auto" } },
        url: { url: {} },
        "csrf.reportOnly": { csrf: { reportOnly: true }, mode: "development" },
      };
      const make = (accept: readonly string[]) => () => under(profile, { ...weaker[option], accept });
      expect(make([])).toThrow(
        expect.objectContaining({ option, message: expect.stringContaining(`"${profile}"`) }),
      );
      if (isBinding)
        expect(() => under(profile, { ...weaker[option], accept: ACCEPTABLE_RULES })).toThrow(/asks for/);
      else expect(make([option])).not.toThrow();
    },
  );

  it("takes what is stricter", () => {
    const stricter: Options = {
      idleTimeout: "1m",
      absoluteTimeout: "1h",
      rotation: "1m",
      onTheft: "end",
      cookie: { sameSite: "strict" },
      csrf: { token: "always" },
    };
    const { rules } = report(profile, stricter);
    expect(rules.find(({ option }) => option === "absoluteTimeout")?.inForce).toBe("1h");
    expect(rules.filter(({ isSetAside }) => isSetAside)).toEqual([]);
  });

  it("refuses a session that was stored before it and is weaker, and leaves it in the store", async () => {
    const store = memoryStore();
    const clock = fakeClock();
    const options = { store, clock: clock.now };
    const before = under(undefined, { ...options, idleTimeout: "20d", absoluteTimeout: "40d" });
    const weak = await before.signIn();
    const now = under(profile, options);
    const again = weak.copy(now.sessions);
    const [why, user] = (
      await again.visit(async (session, request) => [
        (await now.sessions.explain(request)).code,
        session.userId,
      ])
    ).value ?? ["", ""];
    expect([why, user]).toEqual(["below-profile", null]);
    expect(await userOf(weak)).toBe("ada");
    const remembering = under(undefined, { ...options, remember: { absoluteTimeout: "2m" } });
    const remembered = new TestBrowser(remembering.sessions);
    await remembered.visit((session) => session.login("ada", { level: 3, remember: true }), POST);
    expect(await userOf(remembered.copy(now.sessions))).toBe(profile === "aal1" ? "ada" : null);
    const stricter = under(profile, options);
    expect(await userOf((await stricter.signIn()).copy(now.sessions))).toBe("ada");
  });
});

it("is one of four, and without one nothing changes", () => {
  expect(() => under("aal4" as ProfileName)).toThrow(/aal1, aal2, aal3, high-value/);
  expect(() => under("toString" as ProfileName)).toThrow(InvalidOptionError);
  const plain = under(undefined).sessions.describe();
  expect([plain.profile, plain.leastLevel, plain.requireFreshMs]).toEqual([null, 1, 5 * MINUTE]);
});

it("says what it changed, from what to what", () => {
  const changed = (profile: ProfileName) =>
    Object.fromEntries(
      report(profile)
        .rules.filter(({ inForce, without }) => inForce !== without)
        .map(({ option, inForce, without }) => [option, `${without} -> ${inForce}`]),
    );
  const token = { "csrf.token": '"auto" -> "always"' };
  const stricter = { ...token, remember: "allowed -> none", onTheft: '"report" -> "end"' };
  expect(changed("aal1")).toEqual({ ...token, "remember.absoluteTimeout": "90d -> 30d" });
  expect(changed("aal2")).toEqual({ ...stricter, "login level": "at least 1 -> at least 2" });
  expect(changed("aal3")).toEqual({
    ...stricter,
    "login level": "at least 1 -> at least 3",
    idleTimeout: "30m -> 15m",
  });
  expect(changed("high-value")).toEqual({
    ...stricter,
    "login level": "at least 1 -> at least 2",
    requireFresh: "5m -> 2m",
    idleTimeout: "30m -> 5m",
    absoluteTimeout: "12h -> 8h",
    "cookie.sameSite": '"lax" -> "strict"',
  });
});

it("says what was set aside by name", () => {
  const { rules } = report("aal2", { idleTimeout: "2h", accept: ["idleTimeout"] });
  const idle = rules.find(({ option }) => option === "idleTimeout");
  expect(idle).toMatchObject({ asks: "at most 1h", inForce: "2h", isSetAside: true });
  const high = report("high-value", { remember: {}, accept: ["remember"] });
  expect(high.rules.find(({ option }) => option === "remember")).toMatchObject({
    inForce: "allowed",
    isSetAside: true,
  });
});
