/** Renewal: the old secret is dead when it resolves, nobody is logged out, and an outage is not a logout. */
import { request, visitNow } from "../client.ts";
import { DUE, renew, signedIn } from "../happenings.ts";
import { expectWritesCounted, look, read, write } from "../judging.ts";
import { OF_MORE, OF_TWO, type Scenario } from "../scenario.ts";
import type { Touches } from "../step.ts";
import type { World } from "../world.ts";

async function expectSignedIn(world: World, problem: string): Promise<void> {
  const { userId, data } = await look(world);
  world.expect(userId === "ann", problem);
  if (userId === "ann") expectWritesCounted(world, data);
}

export const renewVsAll: Scenario = {
  name: "renewVsAll",
  promise: "a renewal ends the old secret, also against writers and whoever copied it",
  layouts: OF_MORE,
  before: signedIn(),
  start(world) {
    const before = world.browser.copy("before");
    const renewing = request(world, "n", renew(world));
    request(world, "w", write(world, "e1"));
    request(world, "x", write(world, "x1"), { jar: before });
    return async () => {
      world.expect(renewing.status === 200, "a renewal was refused without need");
      world.expect((await look(world, before)).id === null, "the old secret is alive after the renewal");
      await expectSignedIn(world, "the client was logged out by a renewal");
    };
  },
};

export const renewRenew: Scenario = {
  name: "renewRenew",
  promise: "of parallel renewals one wins, without many tries, and nobody is logged out",
  layouts: OF_MORE,
  tries: 1,
  before: signedIn(),
  start(world) {
    const renewals = [1, 2, 3].map((n) => request(world, `n${n}`, renew(world)));
    return async () => {
      await expectSignedIn(world, "the client was logged out by parallel renewals");
      const won = renewals.filter((visit) => visit.status === 200).length;
      const starved = renewals.some((visit) => visit.status === 503);
      world.expect(won > 0 && !starved, "parallel renewals starved each other");
      world.notes.add(`renewals that won: ${won}`);
    };
  },
};

export const renewFault: Scenario = {
  name: "renewFault",
  promise: "a fault during a renewal logs nobody out and loses nothing",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow"],
  giveUps: 1,
  before: signedIn(),
  start(world) {
    request(world, "n", renew(world));
    request(world, "w", write(world, "e1"));
    return () => expectSignedIn(world, "a fault during a renewal logged the client out");
  },
};

export const renewOutage: Scenario = {
  name: "renewOutage",
  promise: "an outage during a renewal is an error, never a logout",
  layouts: ["one process"],
  faults: 3,
  kinds: ["lost", "ambiguous", "late"],
  giveUps: 2,
  before: signedIn(),
  start(world) {
    request(world, "n", renew(world));
    return () => expectSignedIn(world, "an outage during a renewal logged the client out");
  },
};

export const renewAfterOffer: Scenario = {
  name: "renewAfterOffer",
  promise: "a renewal by whoever holds a rotation's offer, beside a writer with the secret before",
  layouts: OF_MORE,
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    const before = world.browser.copy("before");
    world.party(async () => {
      await visitNow(world, "a1", read);
      const renewing = await visitNow(world, "a2", renew(world));
      world.expect(renewing.status !== 503, "a renewal failed without need");
    });
    request(world, "b", write(world, "e1"));
    return async () => {
      const { userId, data } = await look(world);
      if (userId === null)
        world.violate("the client was logged out: an offer overtook the answer of a renewal");
      else expectWritesCounted(world, data);
      const isRenewed = world.deadAt.size > 0;
      if (isRenewed) world.expect((await look(world, before)).id === null, "the old secret is alive");
    };
  },
  residual: /offer overtook/,
};

export const renewDueFault: Scenario = {
  name: "renewDueFault",
  promise: "a renewal that fails while a rotation is due logs nobody out, but for one known case",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late"],
  giveUps: 1,
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    const renewing = request(world, "n", renew(world));
    request(world, "r", read);
    return async () => {
      const { userId } = await look(world);
      if (userId === "ann") return;
      if (renewing.status === 200) world.violate("logged out: an offer overtook the answer of a renewal");
      else world.violate("logged out: a renewal that failed had pushed out an offer on its way");
    };
  },
  residual: /offer overtook|pushed out an offer/,
};

export const renewThenUse: Scenario = {
  name: "renewThenUse",
  promise: "a request with the new secret is served beside slow answers to the old one",
  layouts: OF_MORE,
  faults: 1,
  kinds: ["slow"],
  before: signedIn(),
  start(world) {
    const renewing = request(world, "n1", renew(world));
    const writers = [1, 3].map((n) => request(world, `w${n}`, write(world, `e${n}`)));
    return async () => {
      await expectSignedIn(world, "the client was logged out by a renewal");
      world.expect(renewing.status === 200, "a renewal was refused without need");
      for (const writer of writers) {
        const isNew = !writer.presented.some((cookie) => world.deadAt.has(cookie));
        if (isNew) world.expect(writer.status === 200, "a request with the new secret was refused");
      }
    };
  },
};

const STORE: Touches = { area: "store", keys: [], wide: true, writes: true };

export const failover: Scenario = {
  name: "failover",
  promise: "a store that loses its last writes in a failover does not bring an old secret back",
  layouts: OF_MORE,
  before: signedIn(),
  start(world) {
    const before = world.browser.copy("before");
    const renewing = request(world, "n", renew(world));
    for (const n of [1, 2]) request(world, `w${n}`, write(world, `e${n}`));
    world.party(async () => {
      await world.reach("replica", "falls behind", { ...STORE, writes: false });
      const rows = new Map(world.store.rows);
      const isRenewed = renewing.status === 200;
      await world.reach("replica", "takes over", STORE);
      // A replica that lost the renewal itself cannot know of it; that loss is the store's, and declared.
      if (renewing.status === 200 && !isRenewed) return;
      for (const [id, row] of rows) world.store.rows.set(id, row);
    });
    return async () => {
      const isOver = renewing.status === 200;
      if (isOver)
        world.expect((await look(world, before)).id === null, "the old secret is alive after a failover");
    };
  },
};
