/** Which promises hold where only the client has the session, and, said as tests, which do not. */
import { expect, it, vi } from "vitest";
import { withSessions } from "../../../src/adapters/fetch.ts";
import { clock, KEY, POST, pieces, plainWorld, SID } from "./world.ts";

const MINUTE = 60_000;

it("reading sets no cookie, a due touch one small one, and neither a session nor a token", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  expect((await tab.visit((session) => session.userId)).setCookies).toEqual([]);
  clock.advance(2 * MINUTE);
  const { setCookies } = await tab.visit((session) => session.userId);
  expect(setCookies).toHaveLength(1);
  expect(setCookies[0]).toMatch(
    new RegExp(`^${SID}\\.0=[\\w-]{70,100}; Path=/; Secure; HttpOnly; SameSite=Lax$`),
  );
});

it("a touch keeps a session alive, and the end of its idle time comes without one", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  for (let used = 0; used < 4; used++) {
    clock.advance(20 * MINUTE);
    expect((await tab.visit((session) => session.userId)).value).toBe("ada");
  }
  clock.advance(30 * MINUTE - 1);
  const late = tab.copy();
  expect((await tab.visit((session) => session.userId)).value).toBe("ada");
  clock.advance(1);
  expect((await late.visit((session) => session.userId)).value).toBeNull();
});

it("the absolute end stands in the session: touches and kept cookies do not move it", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  for (let hour = 0; hour < 48; hour++) {
    clock.advance(15 * MINUTE - (hour === 47 ? 1 : 0));
    expect((await tab.visit((session) => session.userId)).value).toBe("ada");
  }
  clock.advance(1);
  expect((await tab.visit((session) => session.userId)).value).toBeNull();
});

it("a later deadline counts for the session it was made for, and only if it was made here", async () => {
  const { browser } = plainWorld();
  const [tab, other] = [browser(), browser()];
  await tab.visit((session) => session.login("ada"), POST);
  await other.visit((session) => session.login("bob"), POST);
  clock.advance(20 * MINUTE);
  await other.visit((session) => session.userId);
  const deadline = other.jar.get(`${SID}.0`) ?? "";
  for (const planted of [deadline, `${deadline}A`, "x", "%"]) {
    const spoilt = tab.copy();
    spoilt.jar.set(`${SID}.0`, planted);
    expect((await spoilt.visit((session) => session.userId)).value).toBe("ada");
  }
  tab.jar.set(`${SID}.0`, deadline);
  clock.advance(10 * MINUTE);
  expect((await tab.visit((session) => session.userId)).value).toBeNull();
  expect((await other.visit((session) => session.userId)).value).toBe("bob");
});

it("who only reads overwrites nothing that another tab wrote, also when the late answer brings a touch", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  clock.advance(2 * MINUTE);
  const reading = await tab.visitLater((session) => session.userId);
  await tab.visit((session) => session.set("cart", ["tea"]), POST);
  reading.deliver();
  expect(pieces(tab)).toContain(`${SID}.0`);
  expect((await tab.visit((session) => session.get("cart"))).value).toEqual(["tea"]);
});

it("two tabs that write at once: the answer that comes last wins, and the other's write is lost (no cas)", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  const first = await tab.visitLater((session) => session.set("a", 1), POST);
  const second = await tab.visitLater((session) => session.set("b", 2), POST);
  first.deliver();
  second.deliver();
  expect((await tab.visit((session) => session.keys())).value).toEqual(["b"]);
});

it("a copy of the cookies outlives a logout, and brings back what a session held before (no revival guard)", async () => {
  const { browser, sessions } = plainWorld();
  const tab = browser();
  await tab.visit(async (session) => {
    await session.login("ada");
    session.set("credit", 10);
  }, POST);
  const copy = tab.copy();
  await tab.visit((session) => session.set("credit", 0), POST);
  await tab.visit((session) => session.logout(), POST);
  expect((await tab.visit((session) => session.userId)).value).toBeNull();
  expect((await copy.visit((session) => [session.userId, session.get("credit")])).value).toEqual(["ada", 10]);
  expect(sessions.describe().store).toMatchObject({ cas: false, noRevival: false, revokeUser: false });
});

it("what was saved goes out with whatever answer follows; what was not goes with none above 499", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  const failing = { ...POST, status: 500 };
  await tab.visit(async (session) => {
    session.set("saved", true);
    await session.save();
    session.set("unsaved", true);
  }, failing);
  expect((await tab.visit((session) => session.keys())).value).toEqual(["saved"]);
});

it("what was saved goes out also where the handler throws on", async () => {
  const { browser, sessions } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  const handle = withSessions(sessions, async (_, session) => {
    session.set("saved", true);
    await session.save();
    throw new Error("a fault of the handler");
  });
  const report = vi.spyOn(console, "error").mockImplementation(() => {});
  const cookie = [...tab.jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const headers = { cookie, "sec-fetch-site": "same-origin" };
  const answer = await handle(new Request("https://app.example/", { method: "POST", headers }));
  const names = answer.headers.getSetCookie().map((line) => line.slice(0, line.indexOf("=")));
  expect([answer.status, names, report.mock.calls.length]).toEqual([500, [SID, `${SID}.1`], 1]);
  report.mockRestore();
});

it("login, renewal and logout go out with an error page, the session with its token", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  const failing = { ...POST, status: 500 };
  await tab.visit((session) => session.login("ada"), failing);
  expect((await tab.visit((session) => session.userId)).value).toBe("ada");
  const before = tab.jar.get(SID);
  await tab.visit((session) => session.renew(), failing);
  expect(tab.jar.get(SID)).not.toBe(before);
  expect((await tab.visit((session) => session.userId)).value).toBe("ada");
  await tab.visit((session) => session.logout(), failing);
  expect([...tab.jar.keys()]).toEqual([]);
});

it("a late answer with an older session goes with its own token: nobody is logged out by it", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  const writing = await tab.visitLater((session) => session.set("a", 1), POST);
  await tab.visit((session) => session.renew(), POST);
  writing.deliver();
  expect((await tab.visit((session) => [session.userId, session.get("a")])).value).toEqual(["ada", 1]);
});

it("a late answer to a write signs the browser in again after its logout (no revival guard)", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  const writing = await tab.visitLater((session) => session.set("a", 1), POST);
  await tab.visit((session) => session.logout(), POST);
  writing.deliver();
  expect((await tab.visit((session) => session.userId)).value).toBe("ada");
});

it("flashes are shown once, by their own browser", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.flash("notice", "Saved"), POST);
  const shown = async (): Promise<unknown> => (await tab.visit((session) => session.flashes())).value;
  expect(await shown()).toEqual([{ kind: "notice", message: "Saved" }]);
  expect(await shown()).toEqual([]);
});

it("form tokens are good for the session, before a login too, and not after a renewal", async () => {
  const { browser } = plainWorld(KEY, 4096, { csrf: { token: "always" } });
  const tab = browser();
  const token = (await tab.visit((session) => session.csrfToken())).value ?? "";
  const sending = (csrf: string) => ({ ...POST, headers: { "x-csrf-token": csrf } });
  expect((await tab.visit((session) => session.login("ada"), sending(token))).status).toBe(200);
  const signedIn = (await tab.visit((session) => session.csrfToken())).value ?? "";
  expect((await tab.visit((session) => session.set("x", 1), sending(signedIn))).status).toBe(200);
  expect((await tab.visit((session) => session.renew(), sending(signedIn))).status).toBe(200);
  expect((await tab.visit((session) => session.set("x", 2), sending(signedIn))).error?.code).toBe(
    "CSRF_DENIED",
  );
});

it("a session opens in its own manager and place alone, also under the same keys", async () => {
  const { browser } = plainWorld();
  const tab = browser();
  await tab.visit((session) => session.login("ada"), POST);
  const admin = plainWorld(KEY, 4096, { cookie: { name: "admin" } }).browser();
  for (const [name, value] of tab.jar) admin.jar.set(name.replace("-sid", "-admin"), value);
  expect((await admin.visit((session) => session.userId)).value).toBeNull();
  const visitor = browser();
  for (const [name, value] of tab.jar) visitor.jar.set(name.replace("-sid", "-anon"), value);
  expect((await visitor.visit((session) => session.userId)).value).toBeNull();
});
