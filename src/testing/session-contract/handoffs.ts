/** Hand-offs: what another site sends back to us is redeemed once, in the browser that began, and nowhere else. */
import assert from "node:assert/strict";
import { HandoffError } from "../../errors.ts";
import type { TestBrowser, VisitOptions } from "../browser.ts";
import type { Case } from "./case.ts";
import { MINUTE } from "./world.ts";

const POST = { method: "POST" } as const;

/** A form that a provider's page posts to us: of our cookies only those for other sites come along. */
function fromProvider(tab: TestBrowser): VisitOptions {
  const cookies = [...tab.jar].filter(([name]) => name.includes("handoff"));
  return {
    method: "POST",
    headers: {
      "sec-fetch-site": "cross-site",
      origin: "https://provider.example",
      cookie: cookies.map(([name, value]) => `${name}=${value}`).join("; "),
    },
  };
}

async function begin(tab: TestBrowser, data: object = { verifier: "v" }): Promise<string> {
  return (await tab.visit((session) => session.handoff("oauth", data), POST)).value ?? "";
}

/** Why it was not received, `undefined` when it was. */
async function refusal(tab: TestBrowser, state: string, name = "oauth"): Promise<string | undefined> {
  const { error } = await tab.visit((session) => session.receive(name, state), fromProvider(tab));
  return error instanceof HandoffError ? error.reason : error?.code;
}

export const handoffs: readonly Case[] = [
  {
    name: "a hand-off: its cookie comes back from another site, what was left is there once, and a login there is let in",
    options: { keepOnLogin: ["cart"] },
    async run({ browser }) {
      const tab = browser();
      const begun = await tab.visit((session) => {
        session.set("cart", ["tea"]); // the visitor's session is stored with this very answer
        return session.handoff("oauth", { verifier: "v", at: new Date(5) });
      }, POST);
      assert.match(
        begun.setCookies.join(),
        /^__Host-Http-sid-handoff-oauth=.*; Secure; HttpOnly; SameSite=None/,
      );
      assert.match(begun.setCookies.join(), /Max-Age=600/);
      const state = begun.value ?? "";
      const back = await tab.visit(async (session) => {
        const left = await session.receive("oauth", state);
        await session.login("ada");
        return left;
      }, fromProvider(tab));
      assert.deepEqual([back.status, back.value], [200, { verifier: "v", at: new Date(5) }]);
      const after = await tab.visit((session) => [session.userId, session.get("cart")]);
      assert.deepEqual(after.value, ["ada", ["tea"]]);
      assert.deepEqual([...tab.jar.keys()], ["__Host-Http-sid"]);
    },
  },
  {
    name: "without a hand-off received, a login asked for by another site stays refused",
    async run({ browser }) {
      const tab = browser();
      await begin(tab);
      const forged = await tab.visit((session) => session.login("mallory"), fromProvider(tab));
      assert.equal(forged.error?.code, "CSRF_DENIED");
    },
  },
  {
    name: "a hand-off is redeemed once: again, later, elsewhere, under another name or by its state alone it is refused",
    needs: ["noRevival"],
    async run({ browser, clock }) {
      const tab = browser();
      const thief = tab.copy();
      const state = await begin(tab);
      const copied = tab.copy();
      assert.equal(await refusal(thief, state), "missing");
      assert.equal(await refusal(tab, state, "saml"), "missing");
      assert.equal(
        (await tab.visit((session) => session.receive("oauth", state), fromProvider(tab))).status,
        200,
      );
      assert.equal(await refusal(tab, state), "missing");
      assert.equal(await refusal(copied, state), "used");
      const late = await begin(tab);
      clock.advance(10 * MINUTE);
      assert.equal(await refusal(tab, late), "expired");
    },
  },
  {
    name: "who knows a state and not its secret redeems nothing, and spends it for nobody",
    async run({ browser }) {
      const tab = browser();
      const state = await begin(tab);
      const thief = browser();
      const forged = Buffer.concat([Buffer.from(state, "base64url"), Buffer.alloc(32)]);
      thief.jar.set("__Host-Http-sid-handoff-oauth", forged.toString("base64url"));
      assert.equal(await refusal(thief, state), "unknown");
      assert.equal(await refusal(tab, state), undefined);
    },
  },
  {
    name: "of many that redeem one hand-off at once, one gets it, also when an answer of the store is lost",
    options: { storeTimeout: "500ms" },
    async run({ browser, faults }) {
      const tab = browser();
      const state = await begin(tab);
      const tabs = Array.from({ length: 10 }, () => tab.copy());
      const all = await Promise.all(
        tabs.map((one) => one.visit((session) => session.receive("oauth", state), fromProvider(one))),
      );
      assert.equal(all.filter(({ status }) => status === 200).length, 1);
      const next = await begin(tab);
      faults.next("save", "ambiguous");
      const lost = await tab.visit((session) => session.receive("oauth", next), fromProvider(tab));
      assert.equal(lost.status, 200);
    },
  },
  {
    name: "several tabs may each be under way; the oldest beyond four is given up",
    async run({ browser }) {
      const tab = browser();
      const states: string[] = [];
      for (let count = 0; count < 5; count++) states.push(await begin(tab, { count }));
      const [oldest = "", ...others] = states;
      assert.equal(await refusal(tab, oldest), "missing");
      for (const [at, state] of others.entries()) {
        const back = await tab.visit((session) => session.receive("oauth", state), fromProvider(tab));
        assert.deepEqual(back.value, { count: at + 1 });
      }
    },
  },
  {
    name: "a hand-off never opens as a session, is in no list, and its end is no session's end",
    async run({ browser, sessions, clock }) {
      const ended: unknown[] = [];
      sessions.on("ended", (detail) => ended.push(detail));
      sessions.on("created", (detail) => ended.push(detail));
      const tab = browser();
      await begin(tab);
      const [token] = tab.jar.values();
      for (const name of ["__Host-Http-sid", "__Host-Http-anon"]) {
        tab.jar.clear();
        tab.jar.set(name, token ?? "");
        const seen = await tab.visit((session) => [session.userId, session.isNew]);
        assert.deepEqual(seen.value, [null, true]);
      }
      clock.advance(11 * MINUTE);
      await sessions.sweep();
      assert.deepEqual(ended, []);
    },
  },
  {
    name: "a store that is down at receive: 503, and the hand-off is still there afterwards",
    options: { storeTimeout: "50ms" },
    async run({ browser, faults }) {
      const tab = browser();
      const state = await begin(tab);
      const mend = faults.outage();
      const down = await tab.visit((session) => session.receive("oauth", state), fromProvider(tab));
      assert.deepEqual([down.status, down.setCookies], [503, []]);
      mend();
      assert.equal(
        (await tab.visit((session) => session.receive("oauth", state), fromProvider(tab))).status,
        200,
      );
    },
  },
];
