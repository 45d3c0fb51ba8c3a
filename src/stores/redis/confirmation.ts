/**
 * Makes sure that replicas have an end, so that it holds although the primary is lost. On a connection of its own: WAIT
 * holds up whatever is sent after it.
 */
import { StoreFault } from "../../errors.ts";
import type { CallOptions } from "../contract.ts";
import { type Link, textIn } from "./link.ts";

/** As long as an entry that says nothing is kept. */
const MARK_MS = "60000";

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
   * Resolves when enough replicas have all that was written to the keys with this home before. WAIT counts from the last
   * write of the connection it comes by, so there is one more: what replicas have of it, they have after all the rest.
   * Throws `StoreFault` kind `ambiguous` when they do not answer in time: the end holds on the primary, and maybe there.
   */
  async of(call: CallOptions, home: string): Promise<void> {
    const primary = await this.#marked(call, `${home}w`);
    const count = await primary.command(call, "WAIT", String(this.#replicas), String(this.#withinMs));
    if (Number(textIn(count)) >= this.#replicas) return;
    throw new StoreFault(
      "ambiguous",
      `Redis store: of ${this.#replicas} replicas, ${textIn(count)} confirmed within ${this.#withinMs} ms. The session ended, ` +
        "and a failover now might bring it back.",
    );
  }

  /** The one that has the slot: all others say MOVED, which names it in no way that every driver understands. */
  async #marked(call: CallOptions, key: string): Promise<Link> {
    const primaries = await this.#link.primaries(call);
    const asked = primaries.map(async (node) => {
      await node.command(call, "SET", key, "", "PX", MARK_MS);
      return node;
    });
    try {
      return await Promise.any(asked);
    } catch (error) {
      const faults: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
      throw faults.find((fault) => !(fault instanceof StoreFault && fault.kind === "busy")) ?? faults[0];
    }
  }
}
