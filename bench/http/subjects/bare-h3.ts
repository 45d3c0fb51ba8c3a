import { h3Server } from "../frameworks/h3.ts";
import { NOTHING } from "../shop.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "bare",
  framework: "h3 2",
  stores: [],
  start: async () => h3Server(() => {}, NOTHING),
};
