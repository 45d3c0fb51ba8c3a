import { Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodOverride } from "hono/method-override";
import { mount as mountApplication } from "hono/mount";
import { afterEach, describe, expect, test } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { signedIn } from "../testing/signed-in.ts";
import { withSessions } from "./fetch.ts";
import { honoSessions, type SessionEnv } from "./hono.ts";

type Data = Partial<{ item: string }>;
type Env = SessionEnv<Sessions<Data>>;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

function manager(name = "sid"): Sessions<Data> {
  const sessions = createSessions<{ item: string }>({
    store: memoryStore(),
    origin: "https://app.example",
    cookie: { name },
  });
  cleanUps.push(() => sessions.close());
  return sessions;
}

function prepared(options: Parameters<typeof honoSessions>[1] = {}) {
  const sessions = manager();
  const app = new Hono<Env>();
  return { sessions, app, mount: honoSessions(sessions, options as object) };
}

const at = (path: string): string => `https://app.example${path}`;
const POST = { method: "POST", headers: { "sec-fetch-site": "same-origin" } };
const CROSS_SITE = { "sec-fetch-site": "cross-site" };
const OLD_BROWSER_FORM = { "content-type": "application/x-www-form-urlencoded" };

/** Replaces the request, as body-limit does for a body without a length. */
const replacing: MiddlewareHandler = (c, next) => {
  c.req.raw = new Request(c.req.raw);
  return next();
};

describe("honoSessions", () => {
  test("has a name in stack traces, and refuses a variable without one", () => {
    const { sessions, mount } = prepared();
    expect(mount.name).toBe("honoSessions");
    for (const as of ["", 1, null])
      expect(() => honoSessions(sessions, { as } as object)).toThrow(
        expect.objectContaining({ option: "as" }),
      );
    for (const options of [null, "session"])
      expect(() => honoSessions(sessions, options as never)).toThrow(
        expect.objectContaining({ option: "(all)" }),
      );
    expect(() => honoSessions(sessions, { name: "session" } as object)).toThrow(/it knows as, csrf,/);
  });

  test("hands out one session, by variable, context and request, also when the request is replaced", async () => {
    const { sessions, app, mount } = prepared();
    app.use(mount);
    app.get("/", (c) => {
      const all = [c.var.session, c.get("session"), sessions.of(c), sessions.of(c.req.raw)];
      return c.text(String(new Set(all).size));
    });
    app.get("/replaced", replacing, mount, (c) =>
      c.text(String(sessions.of(c) === c.var.session && sessions.of(c.req.raw) === c.var.session)),
    );
    expect(await (await app.request(at("/"))).text()).toBe("1");
    expect(await (await app.request(at("/replaced"))).text()).toBe("true");
  });

  test("keeps two managers side by side under the names that as gives them", async () => {
    const [site, staff] = [manager(), manager("staff")];
    const app = new Hono()
      .use(honoSessions(site, { as: "site" }), honoSessions(staff, { as: "staff" }))
      .post("/", async (c) => {
        await c.var.site.login("ada");
        await c.var.staff.login("bob");
        return c.text(sessions.map((one) => one.of(c).userId).join());
      });
    const sessions = [site, staff];
    const answer = await app.request(at("/"), POST);
    expect(await answer.text()).toBe("ada,bob");
    expect(answer.headers.getSetCookie().map((line) => line.split("=")[0])).toEqual([
      "__Host-Http-staff",
      "__Host-Http-sid",
    ]);
  });

  test("gives a skipped request something that says so", async () => {
    const { sessions, app, mount } = prepared({ skip: (c) => c.req.path === "/health" });
    app.use(mount);
    app.get("/health", (c) => {
      for (const ask of [() => c.var.session.userId, () => sessions.of(c), () => sessions.of(c.req.raw)])
        expect(ask).toThrow(expect.objectContaining({ code: "SESSION_SKIPPED" }));
      return c.text("well");
    });
    expect(await (await app.request(at("/health"), { headers: CROSS_SITE })).text()).toBe("well");
  });

  test("is exempt in front of a handler, and nowhere behind it, however the path is spelled", async () => {
    const { sessions, app, mount } = prepared();
    const exempt = honoSessions(sessions, { csrf: { exempt: "signed by the sender" } });
    app.post("/hook", exempt, (c) => c.text(String(c.var.session.userId)));
    app.use("/hook/*", exempt); // by path alone: the request goes on to the next mount, which judges it
    app.use(mount);
    app.all("*", (c) => c.text("reached"));
    const headers = { cookie: (await signedIn(sessions, "ada")).cookie ?? "", ...CROSS_SITE };
    const send = (path: string) => app.request(at(path), { method: "POST", headers });
    expect(await (await send("/hook")).text()).toBe("ada");
    for (const path of ["/form", "/hook/", "/hook//form", "/HOOK", "/hook/%2e%2e/form"])
      expect((await send(path)).status, path).toBe(403);
  });

  test("refused behind an exempt mount, a request keeps the cookie of its login, once, and nothing that was written", async () => {
    const { sessions, app } = prepared();
    const [exempt, strict] = [{ csrf: { exempt: "signed by the sender" } }, {}];
    const signIn = async (request: object) => {
      await sessions.of(request).login("bob");
      sessions.of(request).set("item", "tea");
    };
    app.use(honoSessions(sessions, exempt), async (c, next) => {
      await signIn(c);
      await next();
    });
    app.use(honoSessions(sessions, strict)).all("*", (c) => c.text("reached"));
    const within = withSessions(sessions, () => new Response("reached"), strict);
    const around = withSessions(
      sessions,
      async (request) => {
        await signIn(request);
        return within(request);
      },
      exempt,
    );
    const headers = { ...CROSS_SITE, cookie: (await signedIn(sessions, "ada")).cookie ?? "" };
    for (const serve of [around, app.request]) {
      const answer = await serve(new Request(at("/"), { method: "POST", headers }));
      const [line = "", ...more] = answer.headers.getSetCookie();
      expect([answer.status, more]).toEqual([403, []]);
      const request = new Request(at("/"), { headers: { cookie: line.split(";")[0] ?? "" } });
      const read = withSessions(sessions, (_, session) =>
        Response.json([session.userId, session.get("item")]),
      );
      expect(await (await read(request)).json()).toEqual(["bob", null]);
    }
  });

  test("works in a part of an application, mounted twice, and with a base path", async () => {
    const { app, mount } = prepared();
    const part = new Hono<Env>().basePath("/part");
    part.use(mount);
    part.post("/", (c) => {
      c.var.session.set("item", "tea");
      return c.text("stored");
    });
    app.use(mount);
    app.route("/shop", part);
    app.get("/", (c) => c.text(String(c.var.session.get("item"))));
    const stored = await app.request(at("/shop/part"), POST);
    const [line = "", ...more] = stored.headers.getSetCookie();
    expect([await stored.text(), more]).toEqual(["stored", []]);
    const cookie = line.split(";")[0] ?? "";
    expect(await (await app.request(at("/"), { headers: { cookie } })).text()).toBe("tea");
  });

  test("shares a request with sojourn/fetch, around the application or within it", async () => {
    const { sessions, app, mount } = prepared();
    const within = withSessions(sessions, (_request, session) => Response.json(session.get("item")));
    app.use(mount);
    app.post("/", (c) => {
      c.var.session.set("item", "tea");
      return c.text("stored");
    });
    app.all("/within", mountApplication(within, { replaceRequest: false }));
    const around = withSessions(sessions, (request) => app.fetch(request));
    const stored = await around(new Request(at("/"), POST));
    const cookies = stored.headers.getSetCookie();
    expect([await stored.text(), cookies.length]).toEqual(["stored", 1]);
    const headers = { cookie: cookies[0]?.split(";")[0] ?? "" };
    expect(await (await app.request(at("/within"), { headers })).json()).toBe("tea");
    expect(await (await around(new Request(at("/within"), { headers }))).json()).toBe("tea");
  });

  test("serves what methodOverride sends through the application once more", async () => {
    const { app, mount, sessions } = prepared();
    app.use(mount);
    app.use(methodOverride({ app }));
    app.get("/item", (c) => c.text(String(c.var.session.get("item"))));
    app.delete("/item", (c) => {
      c.var.session.set("item", "gone");
      return c.text("deleted");
    });
    const { cookie = "" } = await signedIn(sessions, "ada");
    const headers = { ...POST.headers, ...OLD_BROWSER_FORM, cookie };
    const answer = await app.request(at("/item"), { method: "POST", headers, body: "_method=DELETE" });
    expect(await answer.text()).toBe("deleted");
    expect(await (await app.request(at("/item"), { headers: { cookie } })).text()).toBe("gone");
  });
});

describe("the token of a form", () => {
  const parsing: MiddlewareHandler = async (c, next) => {
    await c.req.parseBody();
    await next();
  };
  const reading: MiddlewareHandler = async (c, next) => {
    await c.req.raw.text();
    await next();
  };
  test.each([
    ["nothing", [], 200],
    ["what parsed it", [parsing], 200],
    ["what replaced it", [replacing], 200],
    ["bodyLimit", [bodyLimit({ maxSize: 4096 })], 200],
    ["what read it past Hono, so that it is gone", [reading], 403],
  ])("is found behind %s, and the form is there for the handler", async (_name, before, status) => {
    const { sessions, app, mount } = prepared();
    for (const one of before) app.use(one);
    app.use(mount);
    app.get("/token", (c) => c.text(c.var.session.csrfToken()));
    app.post("/", async (c) => c.json((await c.req.parseBody()).item));
    const { cookie = "" } = await signedIn(sessions, "ada");
    const token = await (await app.request(at("/token"), { headers: { cookie } })).text();
    for (const form of [new URLSearchParams(), new FormData()]) {
      form.append("_csrf", token);
      form.append("item", "tea");
      const answer = await app.request(at("/"), { method: "POST", headers: { cookie }, body: form });
      expect(answer.status).toBe(status);
      if (status === 200) expect(await answer.json()).toBe("tea");
    }
    const wrong = { method: "POST", headers: { cookie }, body: new URLSearchParams({ _csrf: "wrong" }) };
    expect((await app.request(at("/"), wrong)).status).toBe(403);
  });
});
