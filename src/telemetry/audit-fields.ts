/**
 * What becomes of each part of an event in an audit trail. Complete by type: whoever adds a part to an event has to say
 * here whether it is personal, or it does not compile.
 */
import type { EventName, SessionEvents } from "../core/event-types.ts";

type Parts<Detail> = Detail extends unknown ? keyof Detail : never;

/** Every name that occurs in the detail of any event. */
export type DetailPart = Parts<SessionEvents[EventName]>;

/**
 * `plain`: as it is. `session`, `user`: an id, digested unless asked for. `label`, `device`: only when asked for.
 * `left-out`: says nothing an auditor needs beside the rest.
 */
export type Treatment = "plain" | "session" | "user" | "label" | "device" | "left-out";

export const TREATMENTS: Readonly<Record<DetailPart, Treatment>> = {
  id: "session",
  userId: "user",
  by: "user",
  actor: "user",
  label: "label",
  device: "device",
  seen: "device",
  methods: "plain",
  level: "plain",
  changed: "plain",
  answer: "plain",
  reason: "plain",
  max: "plain",
  over: "plain",
  store: "plain",
  operation: "plain",
  kind: "plain",
  failures: "plain",
  downMs: "plain",
  outcome: "plain",
  during: "plain",
  replays: "plain",
  durationMs: "plain",
  current: "left-out",
  createdAt: "left-out",
  authenticatedAt: "left-out",
  lastSeenAt: "left-out",
  expiresAt: "left-out",
};

/** Where a part has another name in a record. */
export const NAMES: Readonly<Partial<Record<DetailPart, string>>> = {
  id: "session",
  userId: "user",
  level: "loginLevel", // loggers have a level of their own
};
