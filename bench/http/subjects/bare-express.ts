import { expressServer } from "../frameworks/express.ts";
import { NOTHING } from "../shop.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "bare",
  framework: "Express 5",
  stores: [],
  start: async () => expressServer(() => {}, NOTHING),
};
