/** A stolen cookie: either somebody notices, or both hold a live secret. Never a silent lock-out. */
import { type Visit, visitNow } from "../client.ts";
import { DUE, MINUTE, signedIn } from "../happenings.ts";
import type { Jar } from "../jar.ts";
import { read } from "../judging.ts";
import type { Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

export const theft: Scenario = {
  name: "theft",
  promise: "thief and victim: a signal, or both still hold a live secret",
  layouts: ["one process", "several processes"],
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    const stolen = world.browser.copy("thief");
    const visits = (who: string, jar: Jar) =>
      world.party(async () => {
        for (const n of [1, 2]) await visitNow(world, `${who}${n}`, read, { jar });
      });
    visits("thief", stolen);
    visits("victim", world.browser);
    world.clock(5 * MINUTE, 16 * MINUTE);
    return async () => {
      world.now += 4 * MINUTE;
      const both: Visit[] = [];
      for (const jar of [world.browser, stolen])
        both.push(await visitNow(world, `${jar.name} again`, read, { jar }));
      judge(world, both);
    };
  },
};

function judge(world: World, both: readonly Visit[]): void {
  const areIn = both.every((visit) => visit.status === 200);
  if (world.signals.length > 0) world.notes.add("theft was noticed");
  else if (areIn) world.notes.add("theft went unnoticed: both follow the chain with live secrets");
  else world.violate("one party was shut out and nobody was told");
}
