/** Sessions in pieces: whatever is not whole, not ours or not of this token is no session, and never an exception. */
import { describe, expect, it } from "vitest";
import { newKey } from "../../../src/stores/cookie.ts";
import { TestBrowser } from "../../../src/testing/browser.ts";
import { clock, KEY, POST, pieces, plainWorld, SID } from "./world.ts";

const LARGE = "x".repeat(3900);

async function signedIn(world = plainWorld(), data = LARGE): Promise<TestBrowser> {
  const tab = world.browser();
  await tab.visit(async (session) => {
    await session.login("ada");
    session.set("note", data);
  }, POST);
  return tab;
}

function change(tab: TestBrowser, name: string, with_: (value: string) => string): void {
  tab.jar.set(name, with_(tab.jar.get(name) ?? ""));
}

it("a session of several pieces comes back whole, and each line is one that every browser keeps", async () => {
  const world = plainWorld();
  const tab = world.browser();
  const { setCookies } = await tab.visit(async (session) => {
    await session.login("ada", { remember: true });
    session.set("note", LARGE);
  }, POST);
  expect(pieces(tab)).toEqual([`${SID}.1`, `${SID}.2`]);
  for (const line of setCookies) {
    expect(line.length).toBeLessThanOrEqual(4096);
    expect(line).toMatch(/; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Lax$/);
  }
  expect((await tab.visit((session) => session.get("note"))).value).toBe(LARGE);
});

it("a session that shrinks takes away the pieces it needs no more", async () => {
  const tab = await signedIn();
  const { setCookies } = await tab.visit((session) => session.set("note", "short"), POST);
  expect(setCookies.filter((line) => line.startsWith(`${SID}.2=;`))).toHaveLength(1);
  expect(pieces(tab)).toEqual([`${SID}.1`]);
  expect((await tab.visit((session) => session.get("note"))).value).toBe("short");
});

it("a piece that a larger session left behind is not taken for one of this", async () => {
  const tab = await signedIn();
  const before = tab.copy();
  await tab.visit((session) => session.set("note", "short"), POST);
  tab.jar.set(`${SID}.2`, before.jar.get(`${SID}.2`) ?? "");
  expect((await tab.visit((session) => session.get("note"))).value).toBe("short");
  await tab.visit((session) => session.set("note", "shorter"), POST);
  expect(pieces(tab)).toEqual([`${SID}.1`]);
});

it("a later deadline of a session before goes when another one comes in its place", async () => {
  const tab = await signedIn();
  clock.advance(2 * 60_000);
  await tab.visit((session) => session.userId);
  expect(pieces(tab)).toContain(`${SID}.0`);
  await tab.visit((session) => session.login("bob"), POST);
  expect(pieces(tab)).toEqual([`${SID}.1`]);
});

it("logout takes all of it away", async () => {
  const tab = await signedIn();
  await tab.visit((session) => session.logout(), POST);
  expect([...tab.jar.keys()]).toEqual([]);
});

it("a visitor's session and a user's are apart, and a login takes the visitor's away", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.set("cart", ["tea"]), POST);
  expect(pieces(tab, "__Host-Http-anon")).toEqual(["__Host-Http-anon.1"]);
  await tab.visit((session) => session.login("ada", { keep: ["cart"] }), POST);
  expect([...tab.jar.keys()]).toEqual([SID, `${SID}.1`]);
  expect((await tab.visit((session) => [session.userId, session.get("cart")])).value).toEqual([
    "ada",
    ["tea"],
  ]);
});

const other = await signedIn(plainWorld(), "y".repeat(3900));
const stranger = await signedIn(plainWorld(newKey()));
const flip = (text: string, at: number): string =>
  text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);

describe.each<[what: string, spoil: (tab: TestBrowser) => void]>([
  ["its last piece is missing", (tab) => tab.jar.delete(`${SID}.2`)],
  ["a piece is empty", (tab) => tab.jar.set(`${SID}.2`, "")],
  ["a piece was cut short", (tab) => change(tab, `${SID}.2`, (value) => value.slice(0, -1))],
  ["a piece was made longer", (tab) => change(tab, `${SID}.2`, (value) => `${value}AAAA`)],
  ["a character of the first one was changed", (tab) => change(tab, `${SID}.1`, (value) => flip(value, 900))],
  ["a character of the last one was changed", (tab) => change(tab, `${SID}.2`, (value) => flip(value, 30))],
  ["its format is another", (tab) => change(tab, `${SID}.1`, (value) => flip(value, 1))],
  ["its key is not named", (tab) => change(tab, `${SID}.1`, (value) => flip(value, 4))],
  ["the count says fewer", (tab) => change(tab, `${SID}.1`, (value) => `1${value.slice(1)}`)],
  ["the count says more", (tab) => change(tab, `${SID}.1`, (value) => `4${value.slice(1)}`)],
  ["the count is beyond any", (tab) => change(tab, `${SID}.1`, (value) => `9${value.slice(1)}`)],
  ["the count is none", (tab) => change(tab, `${SID}.1`, (value) => `-${value.slice(1)}`)],
  ["a piece holds what no piece has", (tab) => change(tab, `${SID}.2`, (value) => `${value.slice(0, -1)}%`)],
  [
    "the pieces are in another order",
    (tab) => {
      const [first = "", second = ""] = [tab.jar.get(`${SID}.1`), tab.jar.get(`${SID}.2`)];
      tab.jar.set(`${SID}.1`, `2${second}`).set(`${SID}.2`, first.slice(1));
    },
  ],
  ["a piece is another session's", (tab) => tab.jar.set(`${SID}.2`, other.jar.get(`${SID}.2`) ?? "")],
  [
    "all pieces are another session's",
    (tab) => {
      for (const name of pieces(tab)) tab.jar.set(name, other.jar.get(name) ?? "");
    },
  ],
  [
    "it was sealed under a key that is not ours",
    (tab) => {
      for (const [name, value] of stranger.jar) tab.jar.set(name, value);
    },
  ],
])("where %s", (_, spoil) => {
  it("there is no session: an event, an answer, and a fresh start", async () => {
    const world = plainWorld();
    const events: unknown[] = [];
    world.sessions.on("undecodable", ({ reason }) => events.push(reason));
    const tab = new TestBrowser(world.sessions, (await signedIn(world)).jar);
    spoil(tab);
    const { value, status, setCookies } = await tab.visit((session) => session.userId);
    expect({ value, status, setCookies, events }).toEqual({
      value: null,
      status: 200,
      setCookies: [],
      events: ["damaged"],
    });
    await tab.visit((session) => session.login("bob"), POST);
    expect((await tab.visit((session) => session.userId)).value).toBe("bob");
  });
});

it("a piece that came twice was planted once: there is no session", async () => {
  const world = plainWorld();
  const tab = await signedIn(world);
  const cookie = [...tab.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const twice = { headers: { cookie: `${cookie}; ${SID}.2=AAAA` } };
  expect((await tab.visit((session) => session.userId, twice)).value).toBeNull();
  expect((await tab.visit((session) => session.userId)).value).toBe("ada");
});

it("a token without its session, and a session without its token, are no session", async () => {
  const world = plainWorld();
  const tab = await signedIn(world);
  const [token, session] = [tab.copy(), tab.copy()];
  for (const name of pieces(token)) token.jar.delete(name);
  session.jar.delete(SID);
  expect((await token.visit((_, request) => world.sessions.explain(request))).value).toMatchObject({
    code: "unknown",
    message: expect.stringContaining("came without the session"),
  });
  expect((await session.visit((given) => given.userId)).value).toBeNull();
});

it("too much data is refused with the limit before the answer leaves, and the session stays as it was", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.set("note", "kept"), POST);
  const { status, error, setCookies } = await tab.visit(
    (session) => session.set("note", "x".repeat(5000)),
    POST,
  );
  expect({ status, setCookies, code: error?.code }).toEqual({
    status: 413,
    setCookies: [],
    code: "DATA_TOO_LARGE",
  });
  expect(error?.message).toMatch(/would take 50\d\d bytes; the limit is 4095 bytes/);
  expect((await tab.visit((session) => session.get("note"))).value).toBe("kept");
});

it("the most that may be asked for fits, beside the longest label and what else is known of a session", async () => {
  const world = plainWorld(KEY, 8192);
  const tab = world.browser();
  const visited = await tab.visit(async (session) => {
    await session.login("ä".repeat(256), { label: "語".repeat(200), methods: Array(8).fill("m".repeat(16)) });
    session.set("note", "x".repeat(8170));
  }, POST);
  expect([visited.status, pieces(tab).length]).toEqual([200, 4]);
  expect((await tab.visit((session) => session.get("note"))).value).toHaveLength(8170);
});

it("who only reads is sealed by the new key at the next touch", async () => {
  const newer = newKey();
  const tab = await signedIn(plainWorld(), "kept");
  const both = tab.copy(plainWorld([newer, KEY]).sessions);
  clock.advance(2 * 60_000);
  await both.visit((session) => session.get("note"));
  const afterwards = both.copy(plainWorld(newer).sessions);
  expect((await afterwards.visit((session) => session.get("note"))).value).toBe("kept");
});

it("keys are changed without logging anybody out, and what is written next is sealed by the new one", async () => {
  const newer = newKey();
  const tab = await signedIn(plainWorld(), "kept");
  const both = plainWorld([newer, KEY]);
  const moved = tab.copy(both.sessions);
  const read = await moved.visit((session) => session.get("note"));
  expect([read.value, read.setCookies]).toEqual(["kept", []]);
  await moved.visit((session) => session.set("step", 1), POST);
  const afterwards = moved.copy(plainWorld(newer).sessions);
  expect((await afterwards.visit((session) => [session.get("note"), session.get("step")])).value).toEqual([
    "kept",
    1,
  ]);
  expect((await tab.copy(plainWorld(newer).sessions).visit((session) => session.userId)).value).toBeNull();
});
