/** Devices and networks: kept only where asked for, shown in lists, gone at the end. */
import assert from "node:assert/strict";
import type { Device } from "../../core/about.ts";
import type { TestBrowser, VisitOptions } from "../browser.ts";
import type { Case } from "./case.ts";
import type { World } from "./world.ts";

/** "Firefox Linux 145" names a browser, a system, and a version that must not count. */
export function readDevice(userAgent: string): Device {
  const [browser = null, system = null] = userAgent.split(" ");
  return { browser, system, form: "computer" };
}

export function from(userAgent: string, peer: string): VisitOptions {
  return { method: "POST", headers: { "user-agent": userAgent }, peer };
}

export const HOME: VisitOptions = from("Firefox Linux 145", "203.0.113.9");
export const AWAY: VisitOptions = from("Safari macOS 26", "2001:db8:7:1::9");
const FIREFOX: Device = { browser: "Firefox", system: "Linux", form: "computer" };
const SAFARI: Device = { browser: "Safari", system: "macOS", form: "computer" };
const HOME_NETWORK = "203.0.113.0/24";

export async function signIn(tab: TestBrowser, options: VisitOptions = HOME): Promise<TestBrowser> {
  await tab.visit((session) => session.login("ada"), options);
  return tab;
}

/** All that the store tells of a user's sessions, as text. */
async function stored({ store, clock }: World, userId = "ada"): Promise<string> {
  const { sessions } = await store.listByUser(userId, { now: clock.now(), limit: 10 });
  const records = await Promise.all(sessions.map(({ id }) => store.load(id, { now: clock.now() })));
  return JSON.stringify([sessions, records]);
}

export const devices: readonly Case[] = [
  {
    name: "nothing of a device or an address is stored unless it is asked for",
    needs: ["userIndex"],
    async run(world) {
      await signIn(world.browser());
      const [info] = await world.sessions.list("ada");
      assert.deepEqual([info?.device, info?.address], [null, null]);
      assert.doesNotMatch(await stored(world), /Firefox|Linux|203\.0\.113/);
    },
  },
  {
    name: "a list shows the device and the network of each login, which later requests do not change",
    needs: ["userIndex"],
    options: { devices: readDevice, addresses: true },
    async run(world) {
      const home = await signIn(world.browser());
      world.clock.advance(1000);
      await signIn(world.browser(), AWAY);
      await home.visit((session) => session.set("x", 1), AWAY);
      await home.visit((session) => session.renew(), AWAY);
      const list = await world.sessions.list("ada");
      assert.deepEqual(
        list.map(({ device, address, label }) => [device, address, label]),
        [
          [SAFARI, "2001:db8:7::/48", null],
          [FIREFOX, HOME_NETWORK, null],
        ],
      );
      const { sessions } = await world.store.listByUser("ada", { now: world.clock.now(), limit: 10 });
      const abouts = sessions.map(({ about }) => about).join();
      assert.match(abouts, /Firefox/);
      assert.doesNotMatch(abouts, /203\.0\.113\.9|2001:db8:7:1|145|26/);
    },
  },
  {
    name: "who signs in again from elsewhere is listed there",
    needs: ["noRevival", "userIndex"],
    options: { devices: readDevice, addresses: true },
    async run({ browser, sessions }) {
      const tab = await signIn(browser());
      await signIn(tab, AWAY);
      const list = await sessions.list("ada");
      assert.deepEqual(
        list.map(({ device, address }) => [device, address]),
        [[SAFARI, "2001:db8:7::/48"]],
      );
    },
  },
  {
    name: "the one is kept without the other, and beside a label",
    needs: ["userIndex"],
    options: { addresses: true },
    async run({ browser, sessions, another }) {
      const tab = browser();
      await tab.visit((session) => session.login("ada", { label: "laptop" }), HOME);
      const named = another({ devices: readDevice, addresses: false });
      await browser()
        .copy(named)
        .visit((session) => session.login("bo"), HOME);
      const [ada, bo] = [await sessions.list("ada"), await named.list("bo")];
      assert.deepEqual([ada[0]?.label, ada[0]?.device, ada[0]?.address], ["laptop", null, HOME_NETWORK]);
      assert.deepEqual([bo[0]?.label, bo[0]?.device, bo[0]?.address], [null, FIREFOX, null]);
    },
  },
  {
    name: "a login without a User-Agent, or over a wire that tells no address, is listed all the same",
    needs: ["userIndex"],
    options: { devices: readDevice, addresses: true },
    async run({ browser, sessions }) {
      await browser().visit((session) => session.login("ada"), { method: "POST", peer: "/run/app.sock" });
      const [info] = await sessions.list("ada");
      assert.deepEqual([info?.userId, info?.device, info?.address], ["ada", null, null]);
    },
  },
  {
    name: "a header made to break things costs its name in the list, and nothing else",
    needs: ["userIndex"],
    options: {
      devices(userAgent) {
        if (userAgent === "throw") throw new Error("a parser met its match");
        return { browser: userAgent, system: "<b>", form: null };
      },
    },
    async run({ browser, sessions }) {
      const hostile = ["throw", "x".repeat(10_000), "\u0000", "a\nb", "\u202eevil", "y".repeat(61)];
      for (const userAgent of hostile) {
        const { status } = await browser().visit((session) => session.login("ada"), {
          method: "POST",
          headers: { "user-agent": userAgent },
        });
        assert.equal(status, 200);
      }
      const list = await sessions.list("ada");
      assert.deepEqual(
        list.map(({ device }) => device),
        hostile.map(() => null),
      );
    },
  },
  {
    name: "events name the device and never the address; who wants the network of the request asks for it",
    options: { devices: readDevice, addresses: true },
    async run({ browser, sessions }) {
      const told: [event: string, device: Device | null, network: string | null, text: string][] = [];
      for (const event of ["created", "ended"] as const) {
        sessions.on(event, (detail, context) => {
          told.push([event, detail.device, context.address(), JSON.stringify([detail, context])]);
        });
      }
      const tab = await signIn(browser());
      await tab.visit((session) => session.logout(), AWAY);
      assert.deepEqual(
        told.map(([event, device, network]) => [event, device, network]),
        [
          ["created", FIREFOX, HOME_NETWORK],
          ["ended", FIREFOX, "2001:db8:7::/48"],
        ],
      );
      for (const [, , , text] of told) assert.doesNotMatch(text, /address|203\.0|2001/);
    },
  },
  {
    name: "what was kept goes when the session ends",
    needs: ["revokeUser", "userIndex"],
    options: { devices: readDevice, addresses: true },
    async run(world) {
      const { browser, sessions, store, clock } = world;
      const tabs = [await signIn(browser()), await signIn(browser())];
      const ids = (await sessions.list("ada")).map(({ id }) => id);
      await tabs[0]?.visit((session) => session.logout(), HOME);
      await sessions.revokeAll("ada");
      const left = await Promise.all(ids.map((id) => store.load(id, { now: clock.now() })));
      assert.doesNotMatch(JSON.stringify([left, await stored(world)]), /Firefox|Linux|203\.0/);
    },
  },
];
