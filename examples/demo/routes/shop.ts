/** The front page and what to try. A visitor who only looks costs no row in the store. */
import { Router } from "express";
import { seeds } from "../catalogue.ts";
import { shopPage } from "../pages/shop.ts";
import { tryPage } from "../pages/try.ts";
import { show } from "./show.ts";

export const shop = Router();

shop.get("/", (req, res) => {
  show(req, res, "Packets", (csrf) => shopPage(seeds, csrf));
});

shop.get("/try", (req, res) => {
  const address = `${req.protocol}://${req.get("host") ?? "localhost"}`;
  show(req, res, "What to try", (csrf) => tryPage(address, csrf));
});
