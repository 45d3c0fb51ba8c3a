/** Rotation: a new secret every quarter of an hour logs nobody out, whatever becomes of the answers. */
import { request, visitNow } from "../client.ts";
import { DUE, MINUTE, renew, signedIn } from "../happenings.ts";
import { expectNoSignal, expectWritesCounted, look, read, write } from "../judging.ts";
import { OF_MORE, OF_TWO, type Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

const OVERLAP = 30_000;
/** How far apart the clocks of processes on several machines may be. */
const SKEW = 5_000;

/** The browser is still signed in, nothing it wrote is lost, and nobody cried theft. */
async function expectUnharmed(world: World): Promise<void> {
  const { userId, data } = await look(world);
  world.expect(userId === "ann", "an honest client was logged out by rotation");
  if (userId === "ann") expectWritesCounted(world, data);
  expectNoSignal(world);
}

export const rotateParallel: Scenario = {
  name: "rotateParallel",
  promise: "parallel requests with a rotation due stay signed in, in whatever order answers come or get lost",
  layouts: OF_MORE,
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    request(world, "r1", write(world, "e1"), { mayLose: true });
    for (const n of [2, 3]) request(world, `r${n}`, read, { mayLose: true });
    return () => expectUnharmed(world);
  },
};

export const rotateOverlap: Scenario = {
  name: "rotateOverlap",
  promise: "the secret before is good for half a minute after the new one was used, and not longer",
  layouts: OF_MORE,
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    const before = world.browser.copy("before");
    const late = request(world, "b", write(world, "e1"));
    world.party(async () => {
      await visitNow(world, "a1", read);
      await visitNow(world, "a2", read);
    });
    return async () => {
      world.expect(late.status === 200, "a parallel request was refused because of a rotation");
      await expectUnharmed(world);
      await visitNow(world, "a3", read);
      world.now += OVERLAP + SKEW + 1;
      world.expect((await look(world, before)).id === null, "the secret before is alive after its overlap");
    };
  },
};

export const rotateLate: Scenario = {
  name: "rotateLate",
  promise: "a request that comes just after the overlap is refused without a cry of theft",
  layouts: OF_TWO,
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    request(world, "b", write(world, "e1"));
    world.party(async () => {
      await visitNow(world, "a1", read);
      await visitNow(world, "a2", read);
    });
    world.clock(OVERLAP + SKEW + 1);
    return () => expectUnharmed(world);
  },
};

export const rotateFault: Scenario = {
  ...rotateParallel,
  name: "rotateFault",
  promise: "the same with faults of the store",
  layouts: OF_TWO,
  faults: 2,
  kinds: ["lost", "ambiguous", "late", "slow"],
  giveUps: 1,
  start(world) {
    request(world, "r1", write(world, "e1"), { mayLose: true });
    request(world, "r2", read, { mayLose: true });
    return () => expectUnharmed(world);
  },
};

export const rotateThenUse: Scenario = {
  name: "rotateThenUse",
  promise: "offer, promotion and use of a new secret beside a request that still holds the old one",
  layouts: OF_MORE,
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    world.party(async () => {
      await visitNow(world, "a1", read, { mayLose: true });
      await visitNow(world, "a2", write(world, "e1"), { mayLose: true });
      await visitNow(world, "a3", read);
    });
    request(world, "b", write(world, "e2"), { mayLose: true });
    world.clock(40_000);
    return async () => {
      const { userId, data } = await look(world);
      world.expect(userId === "ann", "an honest client was logged out by rotation");
      if (userId === "ann") expectWritesCounted(world, data);
      if (world.signals.length > 0)
        world.notes.add("false theft signal: an answer was lost for longer than the overlap");
    };
  },
};

export const rotateSlow: Scenario = {
  name: "rotateSlow",
  promise: "a request that is slower than the overlap is served all the same",
  layouts: OF_MORE,
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    const slow = request(world, "slow", write(world, "e1"));
    world.party(async () => {
      await visitNow(world, "b1", read);
      await visitNow(world, "b2", write(world, "e2"));
    });
    world.clock(10 * MINUTE);
    return async () => {
      const wasLetIn = slow.userId === "ann";
      world.expect(
        !wasLetIn || slow.status === 200,
        "a slow honest request was refused because of a rotation",
      );
      const { userId, data } = await look(world);
      world.expect(userId === "ann", "an honest client was logged out by rotation");
      if (userId === "ann") expectWritesCounted(world, data);
    };
  },
};

export const skewOverlap: Scenario = {
  name: "skewOverlap",
  promise: "a clock that is as far ahead as allowed neither refuses a parallel request nor cries theft",
  layouts: ["several processes"],
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    world.party(async () => {
      await visitNow(world, "a1", read);
      await visitNow(world, "a2", read);
    });
    const ahead = request(world, "ahead", write(world, "e1"), { process: world.process("ahead", 4_000) });
    world.clock(28_000);
    return async () => {
      world.expect(ahead.status === 200, "a parallel request was refused because of a clock");
      await expectUnharmed(world);
    };
  },
};

export const renewVsRotateReorder: Scenario = {
  name: "renewVsRotateReorder",
  promise:
    "a rotation's offer that overtakes the answer of a renewal costs a login: known, and nothing worse",
  layouts: OF_TWO,
  before: signedIn("ann", { ageMs: DUE }),
  residual: /offer overtook/,
  start(world) {
    request(world, "n", renew(world));
    request(world, "r", read);
    return async () => {
      const { userId } = await look(world);
      world.expect(userId === "ann", "the client was logged out: an offer overtook the answer of a renewal");
    };
  },
};
