import { nodeServer } from "../frameworks/node-http.ts";
import { NOTHING } from "../shop.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "bare",
  framework: "node:http",
  stores: [],
  start: async () => nodeServer<readonly []>((handler) => handler, NOTHING),
};
