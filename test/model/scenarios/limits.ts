/** Limits: never more sessions of a user than allowed, and no device ended without need. */
import { request, visitNow } from "../client.ts";
import { login, MINUTE, signedIn } from "../happenings.ts";
import { Jar } from "../jar.ts";
import { sessionsOf } from "../judging.ts";
import { OF_MORE, OF_TWO, type Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

const MAX = 2;

function expectLimit(world: World): void {
  const rows = [...world.store.rows.values()].filter((row) => row.userId === "ann");
  world.expect(rows.length <= MAX, "more sessions than the limit allows");
}

function logins(world: World) {
  return [1, 2, 3].map((n) => request(world, `l${n}`, login(world), { jar: new Jar(`device ${n}`) }));
}

export const limit3: Scenario = {
  name: "limit3",
  promise: "the limit is exact under parallel logins, and evicts no more than it must",
  layouts: OF_MORE,
  options: { sessionsPerUser: { max: MAX, over: "evict-oldest" } },
  faults: 1,
  kinds: ["lost", "ambiguous", "slow", "crash"],
  before: signedIn("ann", { jar: new Jar("elsewhere") }),
  always: expectLimit,
  start(world) {
    const visits = logins(world);
    return async () => {
      const served = visits.filter((visit) => visit.status === 200).length;
      const expected = Math.min(MAX, served + 1);
      const { length } = await sessionsOf(world, "ann");
      world.expect(length >= expected, "more sessions were evicted than needed");
    };
  },
};

export const limit3refuse: Scenario = {
  name: "limit3refuse",
  promise: "with the policy to refuse, exactly as many get in as there is room for",
  layouts: OF_MORE,
  options: { sessionsPerUser: { max: MAX, over: "refuse" } },
  faults: 1,
  kinds: ["lost", "ambiguous", "slow"],
  before: signedIn("ann", { jar: new Jar("elsewhere") }),
  always: expectLimit,
  start(world) {
    const visits = logins(world);
    return () => {
      const admitted = visits.filter((visit) => visit.status === 200).length;
      world.expect(admitted === MAX - 1, `${admitted} logins were admitted where ${MAX - 1} had room`);
    };
  },
};

export const limitReplaced: Scenario = {
  name: "limitReplaced",
  promise: "signing in again takes no second place, beside a login from elsewhere",
  layouts: OF_TWO,
  options: { sessionsPerUser: { max: MAX, over: "refuse" } },
  faults: 1,
  kinds: ["lost", "ambiguous", "slow"],
  async before(world) {
    await signedIn("ann", { jar: new Jar("elsewhere") })(world);
    await signedIn()(world);
  },
  always: expectLimit,
  start(world) {
    const again = request(world, "again", login(world));
    const other = request(world, "other", login(world), { jar: new Jar("another device") });
    return () => {
      world.expect(other.status !== 200, "a login was admitted beyond the limit");
      world.expect(again.status === 200 || again.status === 503, "signing in again was refused");
    };
  },
};

export const refusedLost: Scenario = {
  name: "refusedLost",
  promise:
    "with the policy to refuse, a login whose answer got lost locks its user out for minutes, not longer",
  layouts: OF_TWO,
  options: { sessionsPerUser: { max: 1, over: "refuse" } },
  start(world) {
    const first = request(world, "l1", login(world), { mayLose: true });
    return async () => {
      if (!first.isLost) return;
      world.now += 5 * MINUTE;
      const again = await visitNow(world, "l2", login(world), { jar: new Jar("second") });
      world.expect(again.status === 200, "a lost login locks its user out");
    };
  },
};
