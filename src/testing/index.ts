/** The public names of `sojourn/testing`, listed one by one. Nothing here imports a test runner. */

export {
  type AdapterHarness,
  type Answer,
  type AnswerHead,
  type App,
  adapterContract,
  type Client,
  type ClientRequest,
  type Context,
  type Feature,
  type HeaderLine,
  http1Client,
  type LiveAnswer,
  type NeutralOptions,
  NODE_SHAPES,
  type Reply,
  type ReplyResponse,
  type Route,
  type Served,
  type Shape,
  sendReply,
  toResponse,
  type Values,
} from "./adapter-contract/index.ts";
export {
  type Gate,
  gate,
  type Handler,
  TEST_ORIGIN,
  TestBrowser,
  type Visited,
  type VisitOptions,
} from "./browser.ts";
export { type FakeClock, fakeClock, seededRandom } from "./clock.ts";
export { type CodecHarness, type CodecKind, codecContract, codecKinds } from "./codec-contract/index.ts";
export { type CallCounts, type CountedCall, countCalls } from "./counting-store.ts";
export type { FaultHandle, FaultKind, StoreOperation } from "./fault-script.ts";
export { type Faults, type FaultyStore, withFaults } from "./faulty-store.ts";
export { NativeClient, type NativeClientOptions } from "./native-client.ts";
export { type SessionHarness, sessionContract } from "./session-contract/index.ts";
export { type SignedInOptions, signedIn } from "./signed-in.ts";
export type { ContractCase, StoreHarness } from "./store-contract/harness.ts";
export { storeContract } from "./store-contract/index.ts";
export { register, type TestFunction } from "./store-contract/register.ts";
