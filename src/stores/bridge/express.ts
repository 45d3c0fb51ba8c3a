/**
 * Stores of express-session and their ways: callbacks that come at once, later, twice or never, errors that are thrown,
 * handed over or rejected, "not found" as `null`, `undefined` or ENOENT, lifetimes read from any field of the cookie.
 */
import type { Foreign, Stored } from "./foreign.ts";

type Callback = (error?: unknown, value?: unknown) => void;
type Method = (...given: never[]) => unknown;

/** What a store of express-session is asked for. Every such store fits. */
export interface ExpressStoreLike {
  get(sid: string, callback: (error: unknown, session?: unknown) => void): unknown;
  set(sid: string, session: unknown, callback?: (error?: unknown) => void): unknown;
  destroy(sid: string, callback?: (error?: unknown) => void): unknown;
}

export class ExpressForeign implements Foreign {
  readonly name = "express-session";
  readonly sweeps = false;
  readonly keys?: () => Promise<readonly string[]>;
  readonly owner: object;

  constructor(store: ExpressStoreLike) {
    this.owner = store;
    const source = KEY_SOURCES.find(
      (name) => name in store && typeof Reflect.get(store, name) === "function",
    );
    if (source) this.keys = async () => keysIn(await this.#call(source, 1));
  }

  async get(key: string): Promise<unknown> {
    try {
      const session = await this.#call("get", 2, key);
      return typeof session === "object" && session !== null && "sojourn" in session
        ? session.sojourn
        : session;
    } catch (error) {
      if (isAbsence(error)) return null;
      throw error;
    }
  }

  async set(key: string, value: Stored, lifeMs: number): Promise<void> {
    await this.#call("set", 3, key, { key, cookie: cookieFor(lifeMs), sojourn: value });
  }

  watch(): () => void {
    const { on, off } = this.owner as { readonly on?: unknown; readonly off?: unknown };
    if (typeof on !== "function" || typeof off !== "function") return () => {};
    // An emitter whose "error" nobody hears ends the process. The call that failed says so itself.
    const ignore = (): void => {};
    on.call(this.owner, "error", ignore);
    return () => void off.call(this.owner, "error", ignore);
  }

  #call(name: string, parameters: number, ...given: readonly unknown[]): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const method = Reflect.get(this.owner, name) as Method;
    const callback: Callback = (error, value) => {
      if (error) reject(error);
      else resolve(value);
    };
    const returned: unknown = Reflect.apply(method, this.owner, [...given, callback]);
    if (isThenable(returned)) {
      // The promise of a method that takes a callback may be kept before its work is done: only its failure counts.
      const takesCallback = method.length >= parameters;
      returned.then(takesCallback ? () => {} : resolve, reject);
    }
    return promise;
  }
}

/** Where the keys are found, the cheapest first. */
const KEY_SOURCES = ["ids", "list", "all"] as const;

/**
 * Of lists of ids or file names, of sessions by id, or of sessions alone: ours hold their key. What else a list may hold
 * would hide sessions from those who end them all, so it fails.
 */
function keysIn(answer: unknown): readonly string[] {
  const listed: readonly unknown[] = Array.isArray(answer) ? answer : Object.keys(answer ?? {});
  return listed.flatMap((one) => {
    if (typeof one === "string") return KEY.exec(one)?.[0] ?? [];
    const text = JSON.stringify(one) ?? "";
    const key = QUOTED_KEY.exec(text)?.[1];
    if (key === undefined && !text.includes("cookie")) {
      throw new TypeError("The store lists neither ids nor sessions.");
    }
    return key ?? [];
  });
}

const KEY = /sojourn-session-[\w-]{22}/;
/** With its quotes: what is kept in a session of ours, as base64url, has none. */
const QUOTED_KEY = /"(sojourn-session-[\w-]{22})\\?"/;

/** Stores look for the lifetime in one of these. */
function cookieFor(lifeMs: number): object {
  const originalMaxAge = Math.max(1, Math.ceil(lifeMs));
  const expires = new Date(Date.now() + originalMaxAge);
  return { originalMaxAge, maxAge: originalMaxAge, expires, httpOnly: true, path: "/" };
}

function isAbsence(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "ENOENT";
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
