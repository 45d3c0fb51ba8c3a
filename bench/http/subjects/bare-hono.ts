import { honoServer } from "../frameworks/hono.ts";
import { NOTHING } from "../shop.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "bare",
  framework: "Hono 4",
  stores: [],
  start: async () => honoServer(() => {}, NOTHING),
};
