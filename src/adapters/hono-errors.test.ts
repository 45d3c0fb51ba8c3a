import { type Context, Hono } from "hono";
import { stream } from "hono/streaming";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import { NotSignedInError, StoreUnavailableError } from "../errors.ts";
import { memoryStore } from "../stores/memory.ts";
import { gate } from "../testing/browser.ts";
import { withFaults } from "../testing/faulty-store.ts";
import { signedIn } from "../testing/signed-in.ts";
import { honoSessions, type SessionEnv } from "./hono.ts";

type Data = Partial<{ item: string }>;
type Env = SessionEnv<Sessions<Data>>;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
  vi.restoreAllMocks();
});

function prepared(options: Parameters<typeof honoSessions>[1] = {}) {
  const { store, faults } = withFaults(memoryStore());
  const sessions = createSessions<{ item: string }>({
    store,
    storeTimeout: 50,
    origin: "https://app.example",
  });
  cleanUps.push(() => sessions.close());
  const app = new Hono<Env>().use(honoSessions(sessions, options as object));
  return { sessions, app, faults };
}

const at = (path: string): string => `https://app.example${path}`;
const POST = { method: "POST", headers: { "sec-fetch-site": "same-origin" } };
const nameOf = (line = ""): string => line.slice(0, line.indexOf("="));

type Handler = (c: Context<Env>) => Response | Promise<Response>;

test("a commit that fails lets go of the stream that was the answer", async () => {
  const reported = vi.spyOn(console, "error").mockReturnValue();
  const { app, faults } = prepared();
  const left = gate();
  app.post("/", (c) => {
    c.var.session.set("item", "tea");
    return stream(c, async (out) => {
      out.onAbort(left.open);
      await left.passed;
    });
  });
  faults.outage();
  const answer = await app.request(at("/"), POST);
  await left.passed;
  expect([answer.status, answer.headers.getSetCookie()]).toEqual([503, []]);
  expect(reported.mock.calls).toEqual([[expect.any(StoreUnavailableError)]]);
});

describe("app.onError", () => {
  const requiring: Handler = (c) => c.text(c.var.session.requireUser());
  const ours = { error: { code: "NOT_SIGNED_IN", message: "Sign in to continue." } };

  test("of Hono itself leaves our errors to us, and reports nothing that is a visitor's", async () => {
    const reported = vi.spyOn(console, "error").mockReturnValue();
    const { app } = prepared({ signInPath: "/login" });
    app.get("/", requiring);
    const page = await app.request(at("/?x=1"), { headers: { accept: "text/html" } });
    expect([page.status, page.headers.get("location")]).toEqual([303, "/login?next=%2F%3Fx%3D1"]);
    expect(await (await app.request(at("/"))).json()).toEqual(ours);
    expect(reported).not.toHaveBeenCalled();
  });

  test.each<[string, (error: Error, c: Context) => Response | Promise<Response>]>([
    ["that knows none of them and answers 500", (_error, c) => c.text("oops", 500)],
    ["that asks errors for their answers", (error) => (error as NotSignedInError).getResponse()],
    [
      "that throws it on",
      (error) => {
        throw error;
      },
    ],
  ])("%s leaves them to us too", async (_name, onError) => {
    const { app } = prepared();
    app.onError(onError);
    app.get("/", requiring);
    const answer = await app.request(at("/"));
    expect([answer.status, await answer.json()]).toEqual([401, ours]);
  });

  test.each<[string, (c: Context) => Response, number]>([
    ["a redirect", (c) => c.redirect("/sign-in"), 302],
    ["a page of its own", (c) => c.html("<p>Who are you?", 401), 401],
  ])(
    "that knows them keeps its answer, and the answer decides what is stored: %s",
    async (_name, answer, status) => {
      const { app } = prepared({ onFailure: () => new Response("ours") });
      app.onError((error, c) => (error instanceof NotSignedInError ? answer(c) : c.text("oops", 500)));
      app.post("/", (c) => {
        c.var.session.set("item", "tea");
        return requiring(c);
      });
      const answered = await app.request(at("/"), POST);
      expect([answered.status, answered.headers.getSetCookie().length]).toEqual([status, 1]);
      expect(await answered.text()).not.toBe("ours");
    },
  );

  test("of a part of the application counts there", async () => {
    const { app } = prepared();
    const part = new Hono<Env>();
    part.get("/", requiring);
    part.onError((_error, c) => c.text("of the part", 403));
    app.route("/part", part);
    const answer = await app.request(at("/part"));
    expect([answer.status, await answer.text()]).toEqual([403, "of the part"]);
  });

  test("keeps every other error, and the cookie of a login goes out with its page", async () => {
    const { app } = prepared({ onFailure: () => new Response("ours") });
    app.onError((_error, c) => c.html("<h1>Sorry", 500));
    app.post("/", async (c) => {
      await c.var.session.login("ada");
      throw new RangeError("boom");
    });
    const answer = await app.request(at("/"), POST);
    expect([answer.status, await answer.text()]).toEqual([500, "<h1>Sorry"]);
    expect(answer.headers.getSetCookie().map(nameOf)).toEqual(["__Host-Http-sid"]);
  });

  test("is not asked about what is no Error; with a cookie owed we answer in its place", async () => {
    vi.spyOn(console, "error").mockReturnValue();
    const { app } = prepared();
    app.onError((_error, c) => c.text("never"));
    app.post("/:login", async (c) => {
      if (c.req.param("login") === "yes") await c.var.session.login("ada");
      throw "boom"; // oxlint-disable-line typescript/only-throw-error -- some do
    });
    await expect(app.request(at("/no"), POST)).rejects.toBe("boom");
    const answer = await app.request(at("/yes"), POST);
    expect([answer.status, answer.headers.getSetCookie().map(nameOf)]).toEqual([500, ["__Host-Http-sid"]]);
    expect(await answer.text()).not.toMatch(/boom/);
  });

  test("an error of two managers is answered once, by the mount of the one it is about", async () => {
    const { app } = prepared({ signInPath: "/sign-in" });
    const staff = createSessions<Data>({
      store: memoryStore(),
      origin: "https://app.example",
      cookie: { name: "staff" },
    });
    cleanUps.push(() => staff.close());
    const onFailure = vi.fn(() => undefined);
    app.use(honoSessions(staff, { as: "staff", signInPath: "/staff/sign-in", onFailure }));
    app.get("/", requiring);
    app.get("/staff", (c) => c.text(staff.of(c).requireUser()));
    for (const [path, location] of [
      ["/", "/sign-in?next=%2F"],
      ["/staff", "/staff/sign-in?next=%2Fstaff"],
    ] as const) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await app.request(at(path), { method, headers: { accept: "text/html" } });
        expect([answer.status, answer.headers.get("location")]).toEqual([303, location]);
      }
    }
    expect(onFailure).toHaveBeenCalledTimes(2);
    expect((await app.request(at("/staff"), { method: "HEAD" })).status).toBe(401);
    expect(onFailure).toHaveBeenCalledTimes(3);
  });

  test("tells the operator of an outage, and where it does not, we do", async () => {
    const reported = vi.spyOn(console, "error").mockReturnValue();
    const { sessions, app, faults } = prepared();
    app.get("/", requiring);
    const { cookie = "" } = await signedIn(sessions, "ada");
    faults.outage();
    expect((await app.request(at("/"), { headers: { cookie } })).status).toBe(503);
    expect(reported.mock.calls).toEqual([[expect.any(StoreUnavailableError)]]);
    app.onError((error, c) => {
      console.error("told", error);
      return c.text("oops", 500);
    });
    expect((await app.request(at("/"), { headers: { cookie } })).status).toBe(503);
    expect(reported.mock.calls.slice(1)).toEqual([["told", expect.any(StoreUnavailableError)]]);
  });
});
