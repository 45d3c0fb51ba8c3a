// The routes of the benchmark on Express.
import { createServer, type Server } from "node:http";
import express, { type Express, type Request, type Response } from "express";
import { DONE, userOf } from "../shop.ts";
import type { Acts } from "../subject.ts";

/** `mount` puts the library's middleware behind the parser of bodies and in front of the routes. */
export function expressServer(
  mount: (app: Express) => void,
  acts: Acts<readonly [Request, Response]>,
  finish: (app: Express) => void = () => {},
): Server {
  const app = express();
  app.disable("x-powered-by");
  app.set("trust proxy", 1);
  app.use(express.json());
  mount(app);
  const { anonymous = acts.read } = acts;
  app.get("/untouched", (_req, res) => {
    res.json(DONE);
  });
  app.get("/anonymous", async (req, res) => {
    res.json(await anonymous(req, res));
  });
  app.get("/read", async (req, res) => {
    res.json(await acts.read(req, res));
  });
  app.post("/write", async (req, res) => {
    res.json({ visits: await acts.write(req, res) });
  });
  app.post("/login", async (req, res) => {
    await acts.login(userOf(req.body), req, res);
    res.json(DONE);
  });
  app.post("/logout", async (req, res) => {
    await acts.logout(req, res);
    res.json(DONE);
  });
  finish(app);
  return createServer(app);
}
