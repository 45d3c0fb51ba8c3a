/** The way to the server: one command or script at a time, given up at the caller's deadline. */
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";
import { UnderWay } from "../under-way.ts";
import { within } from "../within.ts";
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
  readonly #underWay = new UnderWay();
  #isClosed = false;

  constructor(sender: RedisSender) {
    this.#sender = sender;
    this.isCluster = sender.primaries !== undefined;
  }

  /** Runs a call that may begin, and lets `close` wait for it. */
  begin<T>({ signal }: Wait, act: () => Promise<T>): Promise<T> {
    return this.#underWay.track(() => {
      if (this.#isClosed) throw new StoreFault("closed", "The Redis store was closed.");
      if (signal?.aborted) throw new StoreFault("timeout", "The call was given up before it began.");
      return act();
    });
  }

  close(): Promise<void> {
    this.#isClosed = true;
    return this.#underWay.settled();
  }

  /** A link to each primary: to the one server there is, or to all that share the slots of a cluster. */
  async primaries({ signal }: Wait): Promise<readonly Link[]> {
    if (!this.#sender.primaries) return [this];
    let senders: readonly RedisSender[];
    try {
      senders = await within(this.#sender.primaries(), signal, late);
    } catch (error) {
      throw redisFault(error, false);
    }
    // Of clients that have lost all nodes, or were closed.
    if (senders.length === 0)
      throw new StoreFault("unavailable", "Redis store: the client knows no node of the cluster.");
    return senders.map((sender) => new Link(sender));
  }

  /** A command about one key, which stands second, or about none. */
  async command(wait: Wait, ...args: readonly RedisArgument[]): Promise<unknown> {
    const [name, key] = args;
    try {
      return await this.#send(wait, args, key?.toString());
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
    try {
      return answerIn(await this.#send(wait, ["EVALSHA", script.sha, ...rest], keys[0]));
    } catch (error) {
      if (!isUnknownScript(error)) throw redisFault(error, true);
    }
    try {
      return answerIn(await this.#send(wait, ["EVAL", script.text, ...rest], keys[0]));
    } catch (error) {
      throw redisFault(error, true);
    }
  }

  /** Drivers wait for a silent server for as long as it takes; a session call must not. */
  async #send(
    { signal, onProgress }: Wait,
    args: readonly RedisArgument[],
    key: string | undefined,
  ): Promise<unknown> {
    if (signal?.aborted) throw late();
    const reply = await within(this.#sender.send(args, key, signal), signal, late);
    onProgress?.();
    return reply;
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
