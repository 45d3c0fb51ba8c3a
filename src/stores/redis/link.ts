/** The way to the server: one command or script at a time, given up at the caller's deadline. */
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";
import type { RedisArgument, Send } from "./client.ts";
import { damaged, isUnknownScript, redisFault } from "./faults.ts";
import type { Script } from "./scripts.ts";

type Wait = Pick<CallOptions, "signal" | "onProgress">;

/** What a script answered. */
export interface Answer {
  readonly word: string;
  readonly value: unknown;
  /** Id, reason and head of each session that ended, in a row. */
  readonly ends: readonly unknown[];
}

export class Link {
  readonly #send: Send;
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(send: Send) {
    this.#send = send;
  }

  /** Throws for a call that must not begin. */
  check({ signal }: Wait): void {
    if (this.#isClosed) throw new StoreFault("closed", "The Redis store was closed.");
    if (signal?.aborted) throw new StoreFault("timeout", "The call was given up before it began.");
  }

  /** Lets `close` wait for it. */
  async track<T>(act: () => Promise<T>): Promise<T> {
    const work = act();
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.allSettled(this.#underWay);
  }

  async command(wait: Wait, ...args: readonly RedisArgument[]): Promise<unknown> {
    try {
      return await this.#inTime(wait, args);
    } catch (error) {
      throw redisFault(error, args[0] === "SET");
    }
  }

  /** `key` is where the script works first. Its text goes along only to a server that does not know it yet. */
  async run(wait: Wait, script: Script, key: string, args: readonly RedisArgument[]): Promise<Answer> {
    try {
      return answerIn(await this.#inTime(wait, ["EVALSHA", script.sha, "1", key, ...args]));
    } catch (error) {
      if (!isUnknownScript(error)) throw redisFault(error, true);
    }
    try {
      return answerIn(await this.#inTime(wait, ["EVAL", script.text, "1", key, ...args]));
    } catch (error) {
      throw redisFault(error, true);
    }
  }

  /** Drivers wait for a silent server for as long as it takes; a session call must not. */
  async #inTime({ signal, onProgress }: Wait, args: readonly RedisArgument[]): Promise<unknown> {
    if (!signal) return this.#send(args);
    if (signal.aborted) throw late();
    const { promise, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(late());
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      const reply = await Promise.race([this.#send(args), promise]);
      onProgress?.();
      return reply;
    } finally {
      signal.removeEventListener("abort", giveUp);
    }
  }
}

function late(): StoreFault {
  return new StoreFault("timeout", "Redis store: the server did not answer in time.");
}

function answerIn(reply: unknown): Answer {
  if (!Array.isArray(reply)) throw damaged();
  const [word, value, ends]: readonly unknown[] = reply;
  return { word: textIn(word), value, ends: Array.isArray(ends) ? ends : [] };
}

export function bytesIn(reply: unknown): Buffer {
  if (!Buffer.isBuffer(reply)) {
    throw new StoreFault("corrupt", "Redis store: the client must answer bulk strings as buffers.");
  }
  return reply;
}

export function textIn(reply: unknown): string {
  return Buffer.isBuffer(reply) ? reply.toString("latin1") : String(reply);
}
