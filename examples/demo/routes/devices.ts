/** Where a user is signed in, and how to end that from here. It takes effect at once, whatever runs over there. */
import { Router } from "express";
import { devicesPage } from "../pages/devices.ts";
import { sessions } from "../sessions.ts";
import { field } from "./input.ts";
import { show } from "./show.ts";

export const devices = Router();

devices.get("/devices", async (req, res) => {
  const session = sessions.of(req);
  const list = await sessions.list(session.requireUser(), { current: session.id });
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
  session.flash("notice", count === 1 ? "One device is signed out." : `${count} devices are signed out.`);
  res.redirect(303, "/devices");
});
