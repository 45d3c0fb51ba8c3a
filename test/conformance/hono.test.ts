/** The adapter contract on Hono 4, on HTTP/1 and HTTP/2. */
import { createServer } from "node:http2";
import { describe, test } from "vitest";
import { adapterContract, http1Client, register } from "../../src/testing/index.ts";
import { honoHarness } from "./support/hono.ts";
import { http2Client } from "./support/http2-client.ts";

const http1 = honoHarness({ client: (port) => http1Client({ port }) });
const http2 = honoHarness(
  { createServer, client: http2Client },
  { "upgrade requests": "HTTP/2 has no Upgrade; extended CONNECT does not reach request listeners" },
);

describe("sojourn/hono on HTTP/1", () => register(adapterContract(http1), test));
describe("sojourn/hono on HTTP/2", () => register(adapterContract(http2), test));
