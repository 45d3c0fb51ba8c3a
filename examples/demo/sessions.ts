/** The sessions of the shop: the one object every route asks. This file is what you would copy first. */
import { createSessions, type DataOf, type Session } from "sojourn";
import { deviceReader } from "sojourn/devices";
import { z } from "zod";
import { idleTimeout, origin } from "./settings.ts";
import { store } from "./store.ts";

export const sessions = createSessions({
  store, // sqliteStore("data/sessions.db"), unless STORE says otherwise
  accept: store.guarantees.cas ? [] : ["cas"], // in cookies, the later of two answers wins
  ...(origin !== undefined && { origin }),
  idleTimeout, // 30 minutes, which is the default too
  devices: deviceReader(), // "Firefox on Linux" in the list of devices; no version, no address
  keepOnLogin: ["cart"], // what a visitor put into the cart is still there after signing in
  schema: z.object({
    cart: z.record(z.string(), z.int().min(1).max(99)).default({}), // packets by seed
  }),
});

export type ShopSession = Session<DataOf<typeof sessions>>;
export type Cart = DataOf<typeof sessions>["cart"];
