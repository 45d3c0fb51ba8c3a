// The page on stronger logins, run as it stands; its tables against the profiles in the code.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { spellDuration } from "../../src/core/duration.ts";
import { PROFILES, type ProfileName } from "../../src/core/profiles.ts";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { tableBelow } from "./support/tables.ts";
import { createWorkspace } from "./support/workspace.ts";

const page = readDocument("docs/step-up.md");
const workspace = createWorkspace(filesOf(page), ["express"]);
let app: RunningServer;
beforeAll(async () => {
  await workspace.write("serve.ts", 'import { app } from "./app.ts";\napp.listen(process.env.PORT);\n');
  app = await startServer(workspace, "serve.ts");
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

const json = async (answer: Response): Promise<unknown> => answer.json();

test("a page asks for a level, is given the code and the way, and lets the stronger login through", async () => {
  const browser = new Browser(app.url);
  expect(await json(await browser.get("/me"))).toEqual({ userId: null, level: 0, methods: [] });
  await browser.post("/login", { name: "ada", password: "engine" });
  expect(await json(await browser.get("/me"))).toEqual({ userId: "ada", level: 1, methods: ["pwd"] });
  const refused = await browser.post("/pay", {}, { accept: "application/json" });
  const shown = page.blocks.find(({ text }) => text.includes("LEVEL_TOO_LOW"));
  expect([refused.status, await json(refused)]).toEqual([401, JSON.parse(shown?.text ?? "")]);
  const copy = new Browser(app.url);
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  await browser.post("/login/code", { code: "123456" });
  expect(await json(await browser.get("/me"))).toEqual({ userId: "ada", level: 2, methods: ["pwd", "otp"] });
  expect(await (await browser.post("/pay")).text()).toBe("Paid.");
  expect(await json(await copy.get("/me"))).toMatchObject({ userId: null });
});

test("between two factors nobody is signed in, and the login was proven by both", async () => {
  const browser = new Browser(app.url);
  await browser.post("/login/first", { name: "ada", password: "engine", remember: "on" });
  expect(await json(await browser.get("/me"))).toMatchObject({ userId: null, level: 0 });
  expect((await new Browser(app.url).post("/login/second", { code: "1" })).headers.get("location")).toBe(
    "/login",
  );
  await browser.post("/login/second", { code: "123456" });
  expect(await json(await browser.get("/me"))).toEqual({ userId: "ada", level: 2, methods: ["pwd", "otp"] });
  expect((await browser.post("/login/second", { code: "1" })).headers.get("location")).toBe("/login");
});

test("who acts for somebody sees what they see, steps nothing up, and is back afterwards", async () => {
  const browser = new Browser(app.url);
  await browser.post("/login/first", { name: "ada", password: "engine" });
  await browser.post("/login/second", { code: "123456" });
  await browser.post("/desk/act", { customer: "bob", ticket: "7" });
  expect(await json(await browser.get("/me"))).toEqual({ userId: "bob", level: 0, methods: [] });
  expect(await (await browser.get("/banner")).text()).toBe("ada is acting for bob");
  const refused = await browser.post("/pay", {}, { accept: "application/json" });
  expect([refused.status, await json(refused)]).toMatchObject([403, { error: { code: "ACTING" } }]);
  await browser.post("/desk/stop");
  expect(await json(await browser.get("/me"))).toMatchObject({ userId: "ada", level: 2 });
  expect(await (await browser.post("/pay")).text()).toBe("Paid.");
});

test("the report prints each rule", async () => {
  const { code, output } = await workspace.node("report.ts");
  const shown = JSON.parse(page.blocks.find(({ text }) => text.includes('"login level"'))?.text ?? "");
  const printed = JSON.parse(output);
  expect([code, printed.name, printed.rules[0]]).toEqual([0, shown.name, shown.rules[0]]);
  expect(printed.rules).toHaveLength(2 + PROFILES.aal2.rules.length);
});

describe("the table of what each profile asks for", () => {
  const rows = tableBelow(page, "What each profile asks for");
  const names = Object.keys(PROFILES) as ProfileName[];
  const cell = (start: string, profile: ProfileName): string =>
    rows.find(([first = ""]) => first.startsWith(start))?.[names.indexOf(profile) + 1] ?? "";

  test.each(names)("%s", (profile) => {
    const { leastLevel, fresh, rules } = PROFILES[profile];
    expect(cell("level", profile)).toBe(String(leastLevel.level));
    expect(cell("`requireFresh", profile)).toContain(spellDuration(fresh.ms));
    for (const [first = ""] of rows.slice(2)) {
      const option = first.split("`")[1] ?? "";
      const rule = rules.find(
        (each) => each.option === option || each.option === `${option}.absoluteTimeout`,
      );
      const text = cell(`\`${option}\``, profile);
      expect(text === "", `${option}: ${text}`).toBe(rule === undefined);
      if (!rule) continue;
      expect(text.includes("demanded"), `${option}: ${text}`).toBe(rule.isBinding);
      if (rule.asks === "none") expect(text).toContain("none");
      else if ("atMostMs" in rule.asks) expect(text).toContain(`\`${spellDuration(rule.asks.atMostMs)}\``);
      else for (const word of rule.asks.oneOf) expect(text).toContain(`\`${JSON.stringify(word)}\``);
    }
  });
});
