/**
 * Makes sure that replicas have an end, so that it holds although the primary is lost. On a connection of its own: WAIT
 * holds up whatever is sent after it.
 */
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";
import { type Link, textIn } from "./link.ts";
import { TRACE_MS } from "./scripts.ts";

/** A primary that has the trace, and the connection by which it said so. */
interface Found {
  readonly primary: Link;
  readonly connection: string;
}

export class Confirmation {
  readonly #link: Link;
  readonly #replicas: number;
  readonly #withinMs: number;

  constructor(link: Link, replicas: number, withinMs: number) {
    this.#link = link;
    this.#replicas = replicas;
    this.#withinMs = withinMs;
  }

  /**
   * Resolves when enough replicas have what the script did that left this trace. Throws `StoreFault` kind `ambiguous`
   * when that cannot be found out in time: the end holds on the primary, and maybe there.
   *
   * WAIT counts from the last write of the connection it comes by. So the trace is written once more, where it is: a
   * primary that took over without it has not the end either. On a connection made since, WAIT might count from
   * nothing, and replicas that have stood still for long would do. So both have to have come by the same one.
   */
  async of(call: CallOptions, trace: string): Promise<void> {
    const { primary, connection } = await doubtful(() => this.#find(call, trace));
    const count = await doubtful(() =>
      primary.command(call, "WAIT", String(this.#replicas), String(this.#withinMs)),
    );
    if (!(Number(textIn(count)) >= this.#replicas)) {
      throw new StoreFault(
        "ambiguous",
        `Redis store: of ${this.#replicas} replicas, ${textIn(count)} confirmed within ${this.#withinMs} ms. The session ended, ` +
          "and a failover now might bring it back.",
      );
    }
    if ((await doubtful(() => connectionOf(primary, call))) === connection) return;
    throw unconfirmed("the connection was made anew while it waited for replicas");
  }

  /** At the one that has the slot: all others say MOVED, which names it in no way that every driver understands. */
  async #find(call: CallOptions, trace: string): Promise<Found> {
    const primaries = await this.#link.primaries(call);
    const asked = primaries.map(async (primary) => {
      const [connection, done] = await Promise.all([
        connectionOf(primary, call),
        primary.command(call, "SET", trace, "", "XX", "PX", String(TRACE_MS)),
      ]);
      return done === null ? null : { primary, connection };
    });
    try {
      const found = await Promise.any(asked);
      if (found) return found;
    } catch (error) {
      const faults: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
      throw faults.find((fault) => !(fault instanceof StoreFault && fault.kind === "busy")) ?? faults[0];
    }
    throw unconfirmed("the server that `confirmEnds.client` is connected to does not have the end");
  }
}

/** Its number at the server and both its addresses: no other connection has all three, not even at another server. */
async function connectionOf(primary: Link, call: CallOptions): Promise<string> {
  const info = textIn(await primary.command(call, "CLIENT", "INFO"));
  return [...info.matchAll(/\b(?:id|addr|laddr)=\S*/g)].join(" ");
}

/** The session has ended by now. Whatever fails here leaves open only whether that lasts. */
async function doubtful<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof StoreFault) || error.kind === "timeout" || error.kind === "ambiguous") throw error;
    throw new StoreFault("ambiguous", `${error.message} The session ended, and no replica confirmed it.`);
  }
}

function unconfirmed(why: string): StoreFault {
  return new StoreFault("ambiguous", `Redis store: ${why}. The session ended, and no replica confirmed it.`);
}
