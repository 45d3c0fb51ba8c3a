/** The four methods put in front of a response's own. Shared by all responses, so a request costs no closures. */
import { isUint8Array } from "node:util/types";
import { stageHeaders } from "./node-headers.ts";
import type { ResponseHook } from "./node-response.ts";
import { HOOK, type NodeResponse } from "./node-types.ts";
import { headersSent, tellDone } from "./node-waiting.ts";

interface Hooked extends NodeResponse {
  [HOOK]: ResponseHook;
}

export function writeHead(this: Hooked, status: number, reason?: unknown, headers?: unknown): unknown {
  const hook = this[HOOK];
  if (hook.phase === "sent" || !isStatus(status)) return hook.writeHead.call(this, status, reason, headers);
  if (hook.phase !== "open") throw headersSent(hook.isHttp2);
  stageHeaders(this, typeof reason === "string" ? headers : (headers ?? reason));
  if (hook.depart(status)) return hook.callWriteHead(status, reason);
  if (hook.waiting) hook.waiting.head = { status, reason };
  return this;
}

export function write(this: Hooked, chunk: unknown, encoding?: unknown, callback?: unknown): boolean {
  const hook = this[HOOK];
  if (hook.phase === "sent" || !mayGo(this, isBytes(chunk))) {
    return hook.write.call(this, chunk, encoding, callback);
  }
  if (hook.phase === "open" && hook.depart(this.statusCode)) {
    return hook.write.call(this, chunk, encoding, callback);
  }
  return keep(hook, "write", chunk, encoding, callback);
}

export function end(this: Hooked, chunk?: unknown, encoding?: unknown, callback?: unknown): unknown {
  const hook = this[HOOK];
  if (hook.phase === "sent" || !mayGo(this, !chunk || typeof chunk === "function" || isBytes(chunk))) {
    return hook.end.call(this, chunk, encoding, callback);
  }
  if (hook.phase === "open" && hook.depart(this.statusCode)) {
    return hook.end.call(this, chunk, encoding, callback);
  }
  keep(hook, "end", chunk, encoding, callback);
  return this;
}

export function flushHeaders(this: Hooked): void {
  const hook = this[HOOK];
  if (hook.phase === "sent" || !mayGo(this, true)) hook.flushHeaders?.call(this);
  else if (hook.phase === "open" && hook.depart(this.statusCode)) hook.flushHeaders?.call(this);
  else keep(hook, "flush");
}

/** What Node would throw at is left to Node, before anything is committed. */
function mayGo(response: Hooked, isFit: boolean): boolean {
  return isFit && isStatus(response.statusCode);
}

function isStatus(status: number): boolean {
  return status >= 100 && status <= 999;
}

function isBytes(chunk: unknown): boolean {
  return typeof chunk === "string" || isUint8Array(chunk);
}

/** Holds a call back; behind a failure answer it is dropped as if it had been done. */
function keep(
  hook: ResponseHook,
  kind: "write" | "end" | "flush",
  chunk?: unknown,
  encoding?: unknown,
  callback?: unknown,
): boolean {
  if (hook.phase === "waiting" && hook.waiting) {
    hook.waiting.hold(kind, chunk, encoding, callback);
    return false;
  }
  tellDone(chunk, encoding, callback);
  return true;
}
