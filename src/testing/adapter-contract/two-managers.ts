/** What the cases about two managers start from: site and staff in one application, mounted in either order. */
import assert from "node:assert/strict";
import type { SessionOptions, Sessions } from "../../core/manager-types.ts";
import { memoryStore } from "../../stores/memory.ts";
import { type Faults, withFaults } from "../faulty-store.ts";
import type { App, NeutralOptions, Route, Values } from "./app.ts";
import type { HttpBrowser } from "./http-browser.ts";
import type { Scene, Site } from "./site.ts";

export const STAFF = "__Host-Http-staff";
export interface Both {
  readonly site: Sessions<Values>;
  readonly staff: Sessions<Values>;
  readonly staffFaults: Faults;
  /** Which one is mounted last, and so commits first. */
  readonly inner: "site" | "staff";
  serve(app?: Partial<App>): Promise<Site>;
}

interface More {
  readonly site?: NeutralOptions;
  readonly staff?: NeutralOptions;
  readonly staffOptions?: Partial<SessionOptions<Values>>;
}

/** Once with the staff's sessions innermost, once with the site's. */
export async function inBothOrders(
  scene: Scene,
  act: (both: Both) => Promise<void>,
  { site: siteMount = {}, staff: staffMount = {}, staffOptions = {} }: More = {},
): Promise<void> {
  for (const inner of ["site", "staff"] as const) {
    const { store, faults } = withFaults(memoryStore(), () => scene.time.expire());
    await using staff = scene.another({
      store,
      storeTimeout: "50ms",
      cookie: { name: "staff" },
      ...staffOptions,
    });
    const site = scene.sessions as Sessions<Values>;
    // Express mounts `second` behind `sessions`, the others around it.
    const isAround = scene.harness.secondIs !== "within";
    const [first, second] = (inner === "site") === isAround ? [site, staff] : [staff, site];
    const optionsOf = (one: unknown): NeutralOptions => (one === site ? siteMount : staffMount);
    const routes: Record<string, Route> = {};
    for (const [name, manager] of Object.entries({ site, staff } as Record<string, Sessions<Values>>)) {
      routes[`/${name}/login`] = async ({ request }) => {
        await manager.of(request).login("ada");
        return { body: "signed in" };
      };
      routes[`/${name}/logout`] = async ({ request }) => {
        await manager.of(request).logout();
        return { body: "signed out" };
      };
      routes[`/${name}/token`] = ({ request }) => ({ body: manager.of(request).csrfToken() });
      routes[`/${name}/private`] = ({ request }) => ({ body: manager.of(request).requireUser() });
    }
    await act({
      site,
      staff: staff as Sessions<Values>,
      staffFaults: faults,
      inner,
      serve: (app = {}) =>
        scene.serve({
          sessions: first,
          options: optionsOf(first),
          second,
          secondOptions: optionsOf(second),
          ...app,
          routes: {
            ...routes,
            "/both": ({ request }) => ({ body: [site, staff].map((one) => one.of(request).userId).join() }),
            "/count": ({ request }) => {
              for (const one of [site, staff]) one.of(request).update("count", (n) => Number(n ?? 0) + 1);
              return { body: "counted" };
            },
            "/counts": ({ request }) => ({
              body: [site, staff].map((one) => String(one.of(request).get("count"))).join(),
            }),
            ...app.routes,
          },
        }),
    });
  }
}

/** Signed in at both. */
export async function signedIn(served: Site): Promise<HttpBrowser> {
  const browser = served.browser();
  for (const name of ["site", "staff"]) assert.equal((await browser.post(`/${name}/login`)).status, 200);
  return browser;
}
