import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import Koa from "koa";
import { expect, onTestFinished, test } from "vitest";
import type { Sessions } from "../core/manager-types.ts";
import { createSessions } from "../create-sessions.ts";
import { memoryStore } from "../stores/memory.ts";
import { http1Client } from "../testing/adapter-contract/http1-client.ts";
import { koaSessions } from "./koa.ts";

function manager(name = "sid"): Sessions<{ item?: string }> {
  const sessions = createSessions<{ item: string }>({
    store: memoryStore(),
    origin: "https://app.example",
    cookie: { name },
  });
  onTestFinished(() => sessions.close());
  return sessions;
}

/** What the last handler of an application answers to a GET of `path`. */
async function answerOf(app: Koa, path = "/"): Promise<string> {
  const handle = app.callback();
  const server = createServer((request, response) => void handle(request, response)).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const client = http1Client({ port: (server.address() as AddressInfo).port });
  return (await client.send({ path })).body;
}

test("ctx.session is the session of the request, for whatever inherits from the context too", async () => {
  const sessions = manager();
  const app = new Koa();
  app.use(koaSessions(sessions)).use((context) => {
    const seen = [
      context.session,
      Reflect.get(Object.create(context) as object, "session"),
      sessions.of(context.req),
    ];
    context.body = seen.map((one) => one === sessions.of(context));
  });
  expect(JSON.parse(await answerOf(app))).toEqual([true, true, true]);
});

test("ctx.session of two managers is the first one's, also where that one skips the request", async () => {
  const [first, second] = [manager(), manager("staff")];
  const app = new Koa();
  app.use(koaSessions(first, { skip: ({ path }) => path === "/skipped" }));
  app.use(koaSessions(second));
  app.use((context) => {
    const { session } = context;
    context.body = session === second.of(context) ? "second" : session === undefined ? "none" : "first";
  });
  expect(await answerOf(app)).toBe("first");
  app.silent = true;
  expect(await answerOf(app, "/skipped")).toContain("SESSION_SKIPPED");
});

test("ctx.session is absent from contexts that met no manager", async () => {
  const sessions = manager();
  const app = new Koa();
  app.use(async (context, next) => {
    if (context.path === "/past") context.body = String(context.session);
    else await next();
  });
  app.use(koaSessions(sessions)).use((context) => {
    context.body = String(context.session.isNew);
  });
  expect([await answerOf(app), await answerOf(app, "/past")]).toEqual(["true", "undefined"]);
});

test("ctx.session of another package stays", async () => {
  const sessions = manager();
  const app = new Koa();
  Object.defineProperty(app.context, "session", { get: () => "theirs" });
  app.use(koaSessions(sessions)).use((context) => {
    context.body = context.session;
  });
  expect(await answerOf(app)).toBe("theirs");
});

test("a context that is logged shows nothing of its session", async () => {
  const sessions = manager();
  const app = new Koa();
  app.use(koaSessions(sessions)).use((context) => {
    context.session.set("item", "secret-data");
    context.body =
      inspect(context, { depth: null }) + inspect(context.req, { depth: null }) + JSON.stringify(context);
  });
  expect(await answerOf(app)).not.toContain("secret-data");
});
