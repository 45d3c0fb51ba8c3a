/** The adapter contract on Koa, which serves HTTP/1 and HTTP/2 alike. */
import { describe, test } from "vitest";
import { type AdapterHarness, adapterContract, NODE_SHAPES, register } from "../../src/testing/index.ts";
import { HTTP2_LACKS, HTTP2_SHAPES, serveHttp2 } from "./support/http2-server.ts";
import { koaHarness } from "./support/koa.ts";
import { serveHttp1 } from "./support/neutral.ts";

const lacks: AdapterHarness["lacks"] = { "thrown responses": "Koa takes a thrown Response for an error" };

const overHttp1 = koaHarness(serveHttp1, { shapes: NODE_SHAPES, lacks });
const overHttp2 = koaHarness(serveHttp2, {
  shapes: HTTP2_SHAPES,
  lacks: { ...HTTP2_LACKS, ...lacks },
});

describe("sojourn/koa on HTTP/1", () => register(adapterContract(overHttp1), test));
describe("sojourn/koa on HTTP/2", () => register(adapterContract(overHttp2), test));
