// The devices page: its list, its own reader, its networks and its answer to a request from elsewhere.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0";
const IPHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1";

const workspace = createWorkspace(filesOf(readDocument("docs/devices.md")), ["express", "bowser"]);
beforeAll(async () => {
  await workspace.write("serve.ts", `import { app } from "./app.ts";\napp.listen(process.env.PORT);\n`);
});
afterAll(() => workspace[Symbol.asyncDispose]());

/** Runs `script` with `visit(sessions, browser, handler, userAgent, peer)` at hand; answers what it printed as JSON. */
async function runScript(name: string, script: string): Promise<unknown> {
  await workspace.write(
    name,
    `import { TestBrowser } from "sojourn/testing";
     const tab = (sessions) => new TestBrowser(sessions);
     const by = (userAgent, peer) => ({ method: "POST", headers: { "user-agent": userAgent }, peer });
     const FIREFOX = ${JSON.stringify(FIREFOX)};
     const IPHONE = ${JSON.stringify(IPHONE)};
     ${script}`,
  );
  const { code, stdout, output } = await workspace.node(name);
  expect({ code, output: code === 0 ? "" : output }).toEqual({ code: 0, output: "" });
  return JSON.parse(stdout);
}

test("the list names the devices, this one among them", async () => {
  await using server = await startServer(workspace, "serve.ts");
  const [desk, phone, script] = [IPHONE, FIREFOX, "curl/8.5.0"].map(
    (userAgent) => [new Browser(server.url), { "user-agent": userAgent }] as const,
  );
  for (const visitor of [desk, phone, script]) await visitor?.[0].post("/login", { name: "ada" }, visitor[1]);
  const list = (await (await desk?.[0].get("/devices", desk[1]))?.json()) as Record<string, unknown>[];
  expect(list.map(({ name, form, current }) => [name, form, current])).toEqual([
    ["curl", "program", false],
    ["Firefox on Linux", "computer", false],
    ["Safari on iPhone", "phone", true],
  ]);
});

test("a reader of one's own knows one's own client, and the rest as before", async () => {
  const list = await runScript(
    "own.mjs",
    `const { sessions } = await import("./own-reader.ts");
     for (const userAgent of ["ShopForAndroid/7", FIREFOX]) {
       await tab(sessions).visit((session) => session.login("ada"), by(userAgent));
     }
     console.log(JSON.stringify((await sessions.list("ada")).map(({ device }) => device.browser)));`,
  );
  expect(list).toEqual(["Firefox", "Our app"]);
});

describe("networks", () => {
  test("are the client's, by the word of a declared proxy alone", async () => {
    const list = await runScript(
      "networks.mjs",
      `const { sessions } = await import("./with-networks.ts");
       const logged = [];
       console.log = ((print) => (text) => text.includes("signed-in") ? logged.push(JSON.parse(text).network) : print(text))(console.log);
       await import("./log.ts");
       const login = async (user, peer, headers) => {
         const options = { method: "POST", peer, headers: { "x-forwarded-proto": "https", ...headers } };
         const { status } = await tab(sessions).visit((session) => session.login(user), options);
         if (status !== 200) throw new Error(String(status));
         return (await sessions.list(user))[0].address;
       };
       console.log(JSON.stringify([
         await login("ada", "10.0.0.7", { "x-forwarded-for": "6.6.6.6, 203.0.113.9" }),
         await login("bo", "10.0.0.7", { "x-forwarded-for": "[2001:db8:7:1::9]:4711" }),
         await login("cy", "10.0.0.7", { "x-forwarded-for": "203.0.113.9", forwarded: "for=6.6.6.6" }),
         ...logged,
       ]));`,
    );
    const networks = ["203.0.113.0/24", "2001:db8:7::/48", null];
    expect(list).toEqual([...networks, ...networks]);
  });
});

test("a request from elsewhere is told of, asked about or ended, as the example says", async () => {
  const told = await runScript(
    "watch.mjs",
    `const { sessions } = await import("./watched.ts");
     const warned = [];
     console.warn = (text) => warned.push(text);
     const login = async () => {
       const browser = tab(sessions);
       await browser.visit((session) => session.login("ada"), by(FIREFOX, "203.0.113.9"));
       return browser;
     };
     const chrome = FIREFOX.replace("Gecko/20100101 Firefox", "Gecko Chrome");
     const seen = [];
     for (const options of [by(FIREFOX, "198.51.100.7"), by(chrome, "203.0.113.9"), by(IPHONE, "198.51.100.7")]) {
       const browser = await login();
       const { value, error } = await browser.visit((session) => {
         if (session.userId === null) return "nobody";
         session.requireFresh();
         return "fresh";
       }, options);
       seen.push(value ?? error.code);
     }
     console.log(JSON.stringify([seen, warned]));`,
  );
  expect(told).toEqual([
    ["fresh", "STALE_LOGIN", "nobody"],
    [
      "ada: Firefox on Linux became Firefox on Linux (address): ignore",
      "ada: Firefox on Linux became Chrome on Linux (browser): ask",
      "ada: Firefox on Linux became Safari on iPhone (browser,system,address): end",
    ],
  ]);
});
