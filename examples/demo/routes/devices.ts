/** Where a user is signed in, and how to end that from here. It takes effect at once, whatever runs over there. */
import { Router } from "express";
import { devicesPage } from "../pages/devices.ts";
import { sessions } from "../sessions.ts";
import { store } from "../store.ts";
import { field } from "./input.ts";
import { show } from "./show.ts";

export const devices = Router();

/** Sessions that are in cookies can be ended, and nobody knows which there are. */
const hasLists = store.guarantees.userIndex;

devices.get("/devices", async (req, res) => {
  const session = sessions.of(req);
  const userId = session.requireUser();
  const list = hasLists ? await sessions.list(userId, { current: session.id }) : null;
  show(req, res, "Your devices", (csrf) => devicesPage(list, Date.now(), csrf));
});

devices.post("/devices/sign-out", async (req, res) => {
  const session = sessions.of(req);
  // Takes the user's id too: an id that belongs to somebody else ends nothing.
  const isEnded = await sessions.revoke(session.requireUser(), field(req, "id"));
  session.flash("notice", isEnded ? "That device is signed out." : "That device was signed out already.");
  res.redirect(303, "/devices");
});

devices.post("/devices/sign-out-others", async (req, res) => {
  const session = sessions.of(req);
  const count = await sessions.revokeAll(session.requireUser(), { except: session.id });
  const counted = count === 1 ? "One device is signed out." : `${count} devices are signed out.`;
  session.flash("notice", hasLists ? counted : "Every other device is signed out.");
  res.redirect(303, "/devices");
});
