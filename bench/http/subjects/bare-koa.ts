import { koaServer } from "../frameworks/koa.ts";
import { NOTHING } from "../shop.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "bare",
  framework: "Koa 3",
  stores: [],
  start: async () => koaServer(() => {}, NOTHING),
};
