import { fastifyServer } from "../frameworks/fastify.ts";
import { NOTHING } from "../shop.ts";
import type { Subject } from "../subject.ts";

export const subject: Subject = {
  library: "bare",
  framework: "Fastify 5",
  stores: [],
  start: async () => fastifyServer(() => {}, NOTHING),
};
