/** Sessions in cookies over real connections: what leaves before the first byte, and what a client may send back. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import express from "express";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expressSessions, sessionErrors } from "../../../src/adapters/express.ts";
import { withSessions } from "../../../src/adapters/node.ts";
import type { CarriedSession } from "../../../src/core/carried-types.ts";
import { createSessions } from "../../../src/create-sessions.ts";
import { cookieStore, newKey } from "../../../src/stores/cookie.ts";

const sessions = createSessions<{ note: string }>({
  store: cookieStore({ keys: newKey() }),
  accept: ["cas", "noRevival", "revokeUser"],
  mode: "development",
});

type Held = CarriedSession<Partial<{ note: string }>>;

async function act(path: string, session: Held): Promise<string> {
  const [, what = "", size = "0"] = path.split("/");
  if (what === "login") await session.login("ada");
  if (what === "write") session.set("note", "x".repeat(Number(size)));
  if (what === "logout") await session.logout();
  return JSON.stringify([session.userId, session.get("note")?.length ?? null]);
}

const onNode = withSessions(sessions, async (req, res, session) => {
  const body = await act(req.url ?? "", session);
  res.write(body.slice(0, 1)); // the headers leave here
  res.end(body.slice(1));
});

const onExpress = express();
onExpress.use(expressSessions(sessions));
onExpress.use(async (req, res) => {
  res.send(await act(req.url, sessions.of(req)));
});
onExpress.use(sessionErrors(sessions));

describe.each([
  ["node", onNode],
  ["express", onExpress],
] as const)("over %s", (_, application) => {
  let server: Server;
  let origin = "";
  beforeAll(async () => {
    server = createServer(application as Parameters<typeof createServer>[1]);
    await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
    origin = `http://localhost:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  type Jar = Map<string, string>;
  async function visit(
    jar: Jar,
    path: string,
  ): Promise<{ status: number; body: string; cookies: readonly string[] }> {
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { "sec-fetch-site": "same-origin", ...(cookie && { cookie }) };
    const answer = await fetch(origin + path, { method: path === "/" ? "GET" : "POST", headers });
    const cookies = answer.headers.getSetCookie();
    for (const line of cookies) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes("Max-Age=0")) jar.delete(name);
      else jar.set(name, value);
    }
    return { status: answer.status, body: await answer.text(), cookies };
  }

  it("a session of several pieces goes out before the first byte, comes back, shrinks and is taken away", async () => {
    const jar: Jar = new Map();
    await visit(jar, "/login");
    expect((await visit(jar, "/write/3900")).status).toBe(200);
    expect([...jar.keys()].map((name) => name.replace(/-\d+$/, ""))).toEqual(["sid", "sid.1", "sid.2"]);
    expect((await visit(jar, "/")).body).toBe('["ada",3900]');
    await visit(jar, "/write/10");
    expect(jar.size).toBe(2);
    await visit(jar, "/logout");
    expect(jar.size).toBe(0);
  });

  it("too much is a 413 that sets no cookie, and the session is as it was", async () => {
    const jar: Jar = new Map();
    await visit(jar, "/login");
    const { status, cookies, body } = await visit(jar, "/write/9000");
    expect([status, cookies]).toEqual([413, []]);
    expect(body).toContain("DATA_TOO_LARGE");
    expect((await visit(jar, "/")).body).toBe('["ada",null]');
  });

  it("whatever a client makes of the pieces is answered, and opens nothing", async () => {
    const honest: Jar = new Map();
    await visit(honest, "/login");
    await visit(honest, "/write/3900");
    const [token = "", first = "", second = ""] = [...honest.keys()];
    for (const spoil of [
      (jar: Jar) => jar.delete(second),
      (jar: Jar) => jar.set(second, "x".repeat(3000)),
      (jar: Jar) => jar.set(first, "4"),
      (jar: Jar) => jar.set(first, "1%00%ff"),
      (jar: Jar) => jar.set(first, `"${jar.get(first)}"`),
      (jar: Jar) => jar.set(token, "A".repeat(64)),
    ]) {
      const jar = new Map(honest);
      spoil(jar);
      expect(await visit(jar, "/")).toEqual({ status: 200, body: "[null,null]", cookies: [] });
      expect((await visit(jar, "/login")).body).toMatch(/^\["ada"/);
    }
    expect((await visit(honest, "/")).body).toBe('["ada",3900]');
  });
});
