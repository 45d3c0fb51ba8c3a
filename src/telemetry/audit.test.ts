import { afterEach, describe, expect, it, vi } from "vitest";
import { createSessions } from "../create-sessions.ts";
import { InvalidArgumentError, InvalidOptionError } from "../errors.ts";
import { memoryStore } from "../stores/memory.ts";
import { TEST_ORIGIN, TestBrowser } from "../testing/browser.ts";
import { fakeClock } from "../testing/clock.ts";
import { type AuditOptions, type AuditRecord, auditDigest, auditSessions } from "./audit.ts";

const POST = { method: "POST" } as const;
const KEY = "a key of the audit trail";

function audited(options?: AuditOptions) {
  const clock = fakeClock();
  const sessions = createSessions<Record<string, unknown>>({
    store: memoryStore(),
    origin: TEST_ORIGIN,
    mode: "development",
    clock: clock.now,
    devices: () => ({ browser: "Firefox", system: "Linux", form: null }),
  });
  const records: AuditRecord[] = [];
  const stop = auditSessions(sessions, (record) => void records.push(record), options);
  return { sessions, clock, records, stop, tab: new TestBrowser(sessions) };
}

describe("an audit trail", () => {
  it("has a flat record for each event, with digests for ids and nothing else of a person", async () => {
    const { sessions, clock, records, tab } = audited({ key: KEY });
    const { value: id = "" } = await tab.visit(async (session) => {
      await session.login("ada", { label: "Ada's laptop" });
      return session.id;
    }, POST);
    await sessions.revokeAll("ada", { by: "root" });
    const [session, user, by] = [
      auditDigest(KEY, "session", id),
      auditDigest(KEY, "user", "ada"),
      auditDigest(KEY, "user", "root"),
    ];
    const time = new Date(clock.now()).toISOString();
    expect(records).toEqual([
      { time, event: "session.created", severity: "info", session, user, loginLevel: 1 },
      { time, event: "session.ended", severity: "info", session, user, loginLevel: 1, reason: "revoked", by },
    ]);
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it("holds personal data that is asked for by name", async () => {
    const { records, tab } = audited({
      include: ["session", "user", "label", "device", "address", "userAgent"],
    });
    const headers = { "user-agent": "Mozilla/5.0 (X11)" };
    const { value: id } = await tab.visit(
      async (session) => {
        await session.login("ada", { label: "Ada's laptop", methods: ["pwd", "otp"] });
        return session.id;
      },
      { ...POST, headers },
    );
    expect(records).toEqual([
      expect.objectContaining({
        session: id,
        user: "ada",
        label: "Ada's laptop",
        methods: "pwd, otp",
        device: "Firefox, Linux",
        address: "192.0.2.0/24",
        userAgent: "Mozilla/5.0 (X11)",
      }),
    ]);
  });

  it("gives one person one digest, and another key another", async () => {
    const one = audited();
    const two = audited();
    for (const { tab } of [one, two]) {
      for (let time = 0; time < 2; time++) await tab.visit((session) => session.login("ada"), POST);
    }
    const users = (records: readonly AuditRecord[]) => new Set(records.map(({ user }) => user));
    expect([users(one.records).size, users(two.records).size]).toEqual([1, 1]);
    expect(users(one.records)).not.toEqual(users(two.records));
    expect(auditDigest(KEY, "user", "ada")).not.toBe(auditDigest(KEY, "session", "ada"));
    expect(auditDigest(KEY, "user", "ada")).toMatch(/^[A-Za-z0-9_-]{16}$/);
  });

  it("is one line a record, whatever a user, a label or a browser brings", async () => {
    const { records, tab } = audited({ include: ["user", "label", "userAgent"] });
    const hostile = 'x\r\n{"event":"forged"}\u001b[2J\u009b1m\u2028\u202e\u0000';
    await tab.visit((session) => session.login(hostile, { label: hostile }), {
      ...POST,
      headers: { "user-agent": hostile },
    });
    const line = records.map((record) => Object.values(record).join(" ")).join(" ");
    expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    expect(records[0]?.user).toBe(
      'x\\u{d}\\u{a}{"event":"forged"}\\u{1b}[2J\\u{9b}1m\\u{2028}\\u{202e}\\u{0}',
    );
  });

  it("writes only the events it is asked for, measuring ones too", async () => {
    const { records, tab } = audited({ events: ["storeCall"] });
    await tab.visit((session) => session.login("ada"), POST);
    expect(records.map(({ event, operation, outcome }) => [event, operation, outcome])).toEqual([
      ["session.store_call", "open", "ok"],
      ["session.store_call", "create", "ok"],
    ]);
  });

  it("stops", async () => {
    const { records, stop, tab } = audited();
    stop();
    await tab.visit((session) => session.login("ada"), POST);
    expect(records).toEqual([]);
  });
});

describe("a flood of junk", () => {
  async function flood(tab: TestBrowser, times: number): Promise<void> {
    tab.jar.set("__Host-Http-sid", "junk");
    for (let time = 0; time < times; time++) await tab.visit((session) => session.userId);
  }

  it("is written down up to a limit a minute, and the rest is told as a number", async () => {
    const { records, clock, tab, sessions } = audited({ perMinute: 3 });
    await flood(tab, 10);
    expect(records).toHaveLength(3);
    clock.advance(59_999);
    await flood(tab, 1);
    expect(records).toHaveLength(3);
    clock.advance(1);
    await flood(tab, 1);
    expect(records.map(({ omitted }) => omitted)).toEqual([undefined, undefined, undefined, 8]);
    expect(sessions.counts().rejected.malformed).toBe(12);
  });

  it("does not crowd out what happens to sessions", async () => {
    const { records, tab, sessions } = audited({ perMinute: 1 });
    await flood(tab, 5);
    const other = new TestBrowser(sessions);
    for (let time = 0; time < 3; time++) await other.visit((session) => session.login("ada"), POST);
    expect(records.filter(({ event }) => event === "session.created")).toHaveLength(3);
  });

  it("is told to the end when the trail stops", async () => {
    const { records, stop, tab } = audited({ perMinute: 1 });
    await flood(tab, 5);
    stop();
    await Promise.resolve();
    expect(records.map(({ event, omitted }) => [event, omitted])).toEqual([
      ["session.rejected", undefined],
      ["session.rejected", 4],
    ]);
  });
});

describe("a writer that fails", () => {
  afterEach(() => vi.restoreAllMocks());

  it("breaks no request, and not the end either", async () => {
    const warned = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
    const { sessions, tab } = audited();
    const stop = auditSessions(
      sessions,
      async () => {
        throw new Error("disk full");
      },
      { perMinute: 1 },
    );
    expect((await tab.visit((session) => session.login("ada"), POST)).status).toBe(200);
    tab.jar.set("__Host-Http-sid", "junk");
    for (let time = 0; time < 3; time++) await tab.visit((session) => session.userId);
    stop();
    await new Promise((resolve) => setImmediate(resolve));
    expect(warned.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining("disk full"),
      expect.stringContaining("disk full"),
      expect.stringContaining("The last record"),
    ]);
  });
});

describe("options of an audit trail", () => {
  it("refuse a writer that is no function, and take no key for none", () => {
    for (const writer of [undefined, {}, "audit.jsonl"]) {
      const manager = { on: () => () => {} };
      expect(() => Reflect.apply(auditSessions, null, [manager, writer])).toThrow(InvalidArgumentError);
    }
    expect(() => audited({ key: undefined })).not.toThrow();
  });

  it.each<[string, object]>([
    ["an unknown option", { includes: ["user"] }],
    ["unknown personal data", { include: ["password"] }],
    ["no list", { include: "user" }],
    ["an unknown event", { events: ["creatd"] }],
    ["a short key", { key: "short" }],
    ["no key", { key: 7 }],
    ["no number", { perMinute: "60" }],
    ["nothing at all", { perMinute: 0 }],
  ])("refuse %s", (_, options) => {
    expect(() => audited(options)).toThrow(InvalidOptionError);
  });
});
