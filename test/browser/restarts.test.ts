// The server goes away, or its store does: nobody is signed out and nothing is lost.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { runDemo, startDemo } from "./support/demo.ts";
import { add, isSignedInAs, packetsIn, signUp, somebody } from "./support/people.ts";
import { describeInChromium, useWorld } from "./support/world.ts";

describeInChromium("a server that goes away", (chromium) => {
  const world = useWorld(chromium);

  test.each(["SIGTERM", "SIGKILL"] as const)(
    "and comes back after %s has kept every session",
    async (signal) => {
      world.expectComplaints("net::ERR_CONNECTION"); // pages left open ask for the time left meanwhile
      const page = await world.visitor();
      const person = somebody();
      await signUp(page, person);
      await add(page, "Dill");
      const visitor = await world.visitor();
      await add(visitor, "Borage");
      await world.demo.stop(signal);
      await world.demo.start();
      expect(await packetsIn(page)).toBe(1);
      expect(await isSignedInAs(page, person)).toBe(true);
      expect(await packetsIn(visitor)).toBe(1);
    },
  );

  test("a store that cannot be written gives a kind page, and afterwards all is as before", async () => {
    world.expectComplaints(503);
    const page = await world.visitor();
    const person = somebody();
    await signUp(page, person);
    await add(page, "Dill");
    const other = new DatabaseSync(join(world.demo.dataFolder, "sessions.db"));
    other.exec("BEGIN IMMEDIATE"); // somebody else writes, for as long as we like
    await page.getByRole("button", { name: "Add to cart: Dill" }).click();
    await page.getByRole("heading", { name: "Back in a moment" }).waitFor();
    other.exec("ROLLBACK");
    other.close();
    expect(await packetsIn(page)).toBe(1);
    expect(await isSignedInAs(page, person)).toBe(true);
    await page.goto("/");
    await add(page, "Dill");
    expect(await packetsIn(page)).toBe(2);
  });
});

describe("the demo's process", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("closes in good order when it is sent %s", async (signal) => {
    const demo = await startDemo();
    try {
      expect(await demo.stop(signal)).toMatch(/Closing the shop \.\.\.\nClosed\./);
    } finally {
      await demo.dispose();
    }
  });

  test("says so when its port is taken", async () => {
    const squatter = createServer();
    await new Promise<void>((listening) => squatter.listen(0, "localhost", listening));
    const { port } = squatter.address() as AddressInfo;
    const demo = await runDemo({ PORT: String(port) });
    squatter.close();
    expect(demo.output).toContain(`Port ${port} is taken.`);
    expect(demo.code).toBe(1);
  });

  test("says so when nothing can be kept in its data folder", async () => {
    const demo = await runDemo({ PORT: "0", DATA_DIR: import.meta.filename });
    expect(demo.output).toContain(`Nothing can be kept in ${import.meta.filename}.`);
    expect(demo.code).toBe(1);
  });

  test("says so when its port makes no sense", async () => {
    const demo = await runDemo({ PORT: "http" });
    expect(demo.output).toContain('PORT must be a whole number up to 65535, but it is "http".');
    expect(demo.code).toBe(1);
  });
});
