/**
 * The promises of the README as HTTP scenarios, for any adapter: over real sockets, with parked requests and
 * injected faults. No test runner; run the cases with any.
 */
import type { ContractCase } from "../store-contract/harness.ts";
import { accounts } from "./accounts.ts";
import { acting } from "./acting.ts";
import { addresses } from "./addresses.ts";
import type { AdapterHarness } from "./app.ts";
import { caching } from "./caching.ts";
import { commitsFor } from "./commits.ts";
import { failures } from "./failures.ts";
import { forgery } from "./forgery.ts";
import { held } from "./held.ts";
import { managerTokens } from "./manager-tokens.ts";
import { managers } from "./managers.ts";
import { mounting } from "./mounting.ts";
import { outages } from "./outages.ts";
import { overtaken } from "./overtaken.ts";
import { inScene } from "./site.ts";
import { streams } from "./streams.ts";
import { tracking } from "./tracking.ts";
import { transport } from "./transport.ts";

export type {
  AdapterHarness,
  App,
  Context,
  Feature,
  NeutralOptions,
  Reply,
  Route,
  Served,
  Shape,
  Values,
} from "./app.ts";
export type { Answer, AnswerHead, Client, ClientRequest, HeaderLine, LiveAnswer } from "./client.ts";
export { toResponse } from "./fetch-reply.ts";
export { http1Client } from "./http1-client.ts";
export { NODE_SHAPES, type ReplyResponse, sendReply } from "./node-reply.ts";

/** The cases. Each serves an application of its own on a store in memory; `console.error` is theirs meanwhile. */
export function adapterContract(harness: AdapterHarness): readonly ContractCase[] {
  const cases = [
    ...tracking,
    ...commitsFor(harness.shapes),
    ...streams,
    ...failures,
    ...outages,
    ...overtaken,
    ...forgery,
    ...caching,
    ...transport,
    ...held,
    ...addresses,
    ...mounting,
    ...managers,
    ...managerTokens,
    ...accounts,
    ...acting,
  ];
  return cases.map((one) => {
    const reason = one.needs && harness.lacks?.[one.needs];
    return { name: one.name, ...(reason && { skip: reason }), run: () => inScene(harness, one) };
  });
}
