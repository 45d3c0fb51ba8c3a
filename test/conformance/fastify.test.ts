/** The adapter contract on Fastify 5. */
import { describe, test } from "vitest";
import { adapterContract, register } from "../../src/testing/index.ts";
import { byReply, byResponse, byValue, fastifyHarness } from "./support/fastify.ts";
import { http2Client } from "./support/http2-client.ts";

const WAYS = { "reply.send": byReply, "returned values": byValue, "web Responses": byResponse };

describe.each(Object.entries(WAYS))("sojourn/fastify, answering with %s", (_name, send) =>
  register(adapterContract(fastifyHarness(send)), test),
);

describe("sojourn/fastify on HTTP/2", () =>
  register(adapterContract(fastifyHarness(byReply, { server: { http2: true }, client: http2Client })), test));
