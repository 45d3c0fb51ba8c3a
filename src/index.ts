/** The public names of `sojourn`, listed one by one. Stores and adapters have entries of their own. */

export type { AdapterOptions } from "./adapters/options.ts";
export type { Codec, CodecContext, CodecLimits } from "./codecs/contract.ts";
export type { Device } from "./core/about.ts";
export type {
  CarriedSession,
  CarriedSessions,
  RevocableSession,
  RevocableSessions,
} from "./core/carried-types.ts";
export type { SessionCounts } from "./core/counts.ts";
export { EVENTS, type EventEntry, type Severity } from "./core/event-table.ts";
export type {
  EventContext,
  EventName,
  RejectReason,
  SessionEvents,
  SessionSummary,
  UrlRefusal,
} from "./core/event-types.ts";
export type {
  DataOf,
  Register,
  RegisteredSession,
  SessionAdmin,
  SessionOptions,
  Sessions,
  SessionWatch,
} from "./core/manager-types.ts";
export type { Ended, Instant, SessionHeader, SessionId, SessionRecord, Version } from "./core/record.ts";
export type { Connection, RequestView } from "./core/request.ts";
export type { RiskAnswer, RiskChange, RiskSignal } from "./core/risk.ts";
export type {
  ActingOptions,
  Arrival,
  Duration,
  Frozen,
  Lifetime,
  LoginOptions,
  LoginTicket,
  OptionalKey,
  PendingLogin,
  ReadonlySession,
  Session,
  SessionIdentity,
  SessionInfo,
  UrlOptions,
} from "./core/types.ts";
export { createSessions } from "./create-sessions.ts";
export type { EndReason, ErrorCode, StoreFaultKind, UndecodableReason } from "./errors.ts";
export {
  AccountLimitError,
  ActingError,
  ActingOverError,
  CsrfDeniedError,
  DataTooLargeError,
  HandlerError,
  HandoffError,
  HeadersSentError,
  InsecureTransportError,
  InvalidArgumentError,
  InvalidDataError,
  InvalidOptionError,
  LevelTooLowError,
  NoSessionError,
  NotAVisitError,
  NotSignedInError,
  SessionEndedError,
  SessionLimitError,
  SessionSkippedError,
  SojournError,
  StaleLoginError,
  StoreFault,
  StoreLacksError,
  StoreUnavailableError,
  UndecodableError,
  UndeliverableTokenError,
  UnsupportedValueError,
  ValueTakenError,
} from "./errors.ts";
export type {
  CallOptions,
  CreateOptions,
  CreateResult,
  DeleteResult,
  Guarantees,
  Health,
  OpenOptions,
  Page,
  Replaced,
  SaveResult,
  Scanned,
  SessionStore,
  SweepResult,
  UserLimit,
  UserSessions,
} from "./stores/contract.ts";
export type { Cargo, Carried, Carrying, CarryingStore } from "./stores/cookie/contract.ts";
export type {
  Aside,
  Delivery,
  HeaderLine,
  Piece,
  Presented,
  Slot,
  Transport,
} from "./transports/contract.ts";
