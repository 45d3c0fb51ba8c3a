/** A server process: one manager of its own, over the store that all share, with a clock that may be off. */
import { exchangesOf } from "../../src/core/exchange.ts";
import type { Exchanges } from "../../src/core/exchange-contract.ts";
import type { Sessions } from "../../src/core/manager-types.ts";
import { assembleSessions } from "../../src/create-sessions.ts";
import { repeatableRandom } from "./random.ts";
import { scriptedStore } from "./scripted-store.ts";
import type { World } from "./world.ts";

export const ORIGIN = "https://model.example";

export class Process {
  readonly name: string;
  isAlive = true;
  /** Resolves when it crashes: whoever waits for an answer of it gets none. */
  readonly crashed: Promise<void>;
  readonly sessions: Sessions<Record<string, unknown>>;
  readonly exchanges: Exchanges;
  readonly #world: World;
  #crash: () => void = () => {};

  constructor(world: World, name: string, skewMs: number) {
    this.name = name;
    this.#world = world;
    this.crashed = new Promise((resolve) => {
      this.#crash = resolve;
    });
    const random = repeatableRandom(name);
    this.sessions = assembleSessions(
      {
        store: scriptedStore(world, this),
        origin: ORIGIN,
        mode: "production",
        accept: ["clock", "random"],
        clock: () => world.now + skewMs,
        random: world.rules.mutant?.random?.(random) ?? random,
        storeTimeout: "1h",
        breaker: false, // a call it refuses is as one that is lost, which the model has
        keepOnLogin: ["cart"],
        ...world.rules.options,
      },
      { patience: () => world.patience(), note: () => {} },
    );
    this.exchanges = exchangesOf(this.sessions);
    this.sessions.on("theft", () => world.signals.push(name));
    this.sessions.on("ended", ({ id }) => world.reported.push(id));
  }

  /** Everything it was waiting for is gone with it. What it sent to the store before may still arrive. */
  crash(): void {
    const { parked } = this.#world;
    this.isAlive = false;
    this.#crash();
    for (let i = parked.length - 1; i >= 0; i--) {
      if (parked[i]?.process === this && parked[i]?.touches().area === "store")
        parked.splice(i, 1)[0]?.abandon();
    }
  }
}

export function openProcess(world: World, name: string, skewMs: number): Process {
  return new Process(world, name, skewMs);
}
