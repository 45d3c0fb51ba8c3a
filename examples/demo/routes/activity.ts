/** What happened to one's own account. */
import { Router } from "express";
import { activity } from "../activity.ts";
import { activityPage } from "../pages/activity.ts";
import { sessions } from "../sessions.ts";
import { show } from "./show.ts";

export const account = Router();

account.get("/activity", (req, res) => {
  const entries = activity.of(sessions.of(req).requireUser());
  show(req, res, "Activity", () => activityPage(entries));
});
