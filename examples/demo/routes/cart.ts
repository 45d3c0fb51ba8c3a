/** The cart: `update` changes one key of the session atomically, so two tabs lose nothing. */
import { setTimeout as delay } from "node:timers/promises";
import { Router } from "express";
import { findSeed } from "../catalogue.ts";
import { cartPage } from "../pages/cart.ts";
import { type Cart, type ShopSession, sessions } from "../sessions.ts";
import { field } from "./input.ts";
import { show } from "./show.ts";

export const cart = Router();

cart.get("/cart", (req, res) => {
  show(req, res, "Your cart", (csrf, session) =>
    cartPage(session.get("cart"), session.userId !== null, csrf),
  );
});

cart.post("/cart/add", (req, res, next) => {
  const seed = findSeed(field(req, "seed"));
  if (!seed) return next(); // nothing we sell: the page that says so
  const session = sessions.of(req);
  change(session, seed.id, 1);
  session.flash("notice", `${seed.name} is in your cart.`);
  res.redirect(303, `/#${seed.id}`);
});

cart.post("/cart/change", (req, res, next) => {
  const seed = findSeed(field(req, "seed"));
  if (!seed) return next();
  change(sessions.of(req), seed.id, field(req, "by") === "-1" ? -1 : 1);
  res.redirect(303, "/cart");
});

/** For "Two tabs lose nothing": reads its session now and writes to it much later. */
cart.post("/cart/add-slowly", async (req, res, next) => {
  const seed = findSeed(field(req, "seed"));
  if (!seed) return next();
  const session = sessions.of(req);
  await delay(Math.min(Number(field(req, "seconds")) || 0, 20) * 1000);
  change(session, seed.id, 1);
  session.flash("notice", `${seed.name} is in your cart, after all that time.`);
  res.redirect(303, "/cart");
});

cart.post("/cart/order", (req, res) => {
  const session = sessions.of(req);
  if (session.userId === null) return res.redirect(303, "/sign-in?next=/cart");
  session.set("cart", {});
  session.flash("notice", "Thank you! A real shop would now send your seeds.");
  res.redirect(303, "/");
});

/**
 * The function given to `update` runs again if another request was faster, on what that one left. So it only works
 * with its argument, and everything else it needs is known before.
 */
function change(session: ShopSession, seed: string, by: 1 | -1): void {
  session.update("cart", (cart): Cart => {
    const { [seed]: count = 0, ...others } = cart;
    const next = Math.min(count + by, 99);
    return next > 0 ? { ...others, [seed]: next } : others;
  });
}
