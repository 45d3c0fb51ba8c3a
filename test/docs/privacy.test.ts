// The page on personal data: its application, in which somebody signs in on two devices and leaves.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { holds, remainsOf } from "../support/remains.ts";
import { Browser } from "./support/client.ts";
import { readDocument } from "./support/documents.ts";
import { filesOf } from "./support/programs.ts";
import { type RunningServer, startServer } from "./support/servers.ts";
import { createWorkspace } from "./support/workspace.ts";

const workspace = createWorkspace(filesOf(readDocument("docs/privacy.md")), ["express"]);
let app: RunningServer;
beforeAll(async () => {
  await workspace.write("serve.ts", 'import { app } from "./app.ts";\napp.listen(process.env.PORT);\n');
  app = await startServer(workspace, "serve.ts");
});
afterAll(async () => {
  await app?.[Symbol.asyncDispose]();
  await workspace[Symbol.asyncDispose]();
});

test("whoever deletes their account is signed out everywhere and stands in no file any more", async () => {
  const [phone, laptop, other] = [new Browser(app.url), new Browser(app.url), new Browser(app.url)];
  for (const browser of [phone, laptop]) {
    expect((await browser.post("/login", { user: "ada-lovelace" })).status).toBe(204);
  }
  await other.post("/login", { user: "charles-babbage" });
  const data = join(workspace.folder, "data");
  expect(holds(remainsOf(data), "ada-lovelace")).toBe(true);
  expect(await (await phone.post("/account/delete")).json()).toEqual({ ended: 2 });
  expect((await laptop.post("/account/delete")).status).toBe(401);
  expect(holds(remainsOf(data), "ada-lovelace")).toBe(false);
  expect(holds(remainsOf(data), "charles-babbage")).toBe(true);
});
