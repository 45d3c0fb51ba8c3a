/** The way to the server: one command or script at a time, given up at the caller's deadline. */
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";
import type { RedisArgument, RedisSender } from "./client.ts";
import { damaged, isUnknownScript, redisFault } from "./faults.ts";
import type { Script } from "./scripts.ts";

export type Wait = Pick<CallOptions, "signal" | "onProgress">;

/** What a script answered. */
export interface Answer {
  readonly word: string;
  readonly value: unknown;
  /** Id, reason and head of each session that ended, in a row. */
  readonly ends: readonly unknown[];
}

export class Link {
  /** Whether there may be several primaries. */
  readonly isCluster: boolean;
  readonly #sender: RedisSender;
  readonly #underWay = new Set<Promise<unknown>>();
  #isClosed = false;

  constructor(sender: RedisSender) {
    this.#sender = sender;
    this.isCluster = sender.primaries !== undefined;
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

  /** A link to each primary: to the one server there is, or to all that share the slots of a cluster. */
  async primaries(wait: Wait): Promise<readonly Link[]> {
    if (!this.#sender.primaries) return [this];
    let senders: readonly RedisSender[] | undefined;
    try {
      senders = await inTime(wait, async () => this.#sender.primaries?.());
    } catch (error) {
      throw redisFault(error, false);
    }
    // Of clients that have lost all nodes, or were closed.
    if (!senders?.length)
      throw new StoreFault("unavailable", "Redis store: the client knows no node of the cluster.");
    return senders.map((sender) => new Link(sender));
  }

  /** A command about one key, which stands second, or about none. */
  async command(wait: Wait, ...args: readonly RedisArgument[]): Promise<unknown> {
    const [name, key] = args;
    try {
      return await inTime(wait, () => this.#sender.send(args, key?.toString()));
    } catch (error) {
      throw redisFault(error, name === "SET");
    }
  }

  /** `keys` say where the script works. Its text goes along only to a server that does not know it yet. */
  async run(
    wait: Wait,
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
  ): Promise<Answer> {
    const rest = [String(keys.length), ...keys, ...args];
    const send = async (how: readonly string[]): Promise<Answer> =>
      answerIn(await inTime(wait, () => this.#sender.send([...how, ...rest], keys[0])));
    try {
      return await send(["EVALSHA", script.sha]);
    } catch (error) {
      if (!isUnknownScript(error)) throw redisFault(error, true);
    }
    try {
      return await send(["EVAL", script.text]);
    } catch (error) {
      throw redisFault(error, true);
    }
  }
}

/** Drivers wait for a silent server for as long as it takes; a session call must not. */
async function inTime<T>({ signal, onProgress }: Wait, ask: () => Promise<T>): Promise<T> {
  if (!signal) return ask();
  if (signal.aborted) throw late();
  const { promise, reject } = Promise.withResolvers<never>();
  const giveUp = (): void => reject(late());
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    const reply = await Promise.race([ask(), promise]);
    onProgress?.();
    return reply;
  } finally {
    signal.removeEventListener("abort", giveUp);
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
