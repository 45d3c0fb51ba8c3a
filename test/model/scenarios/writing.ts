/** Parallel writes: all count, and a value that is there once goes to one. */
import { StoreUnavailableError } from "../../../src/errors.ts";
import { type Handle, request, type Visit } from "../client.ts";
import { signedIn } from "../happenings.ts";
import { addTo, expectWritesCounted, look, write } from "../judging.ts";
import { OF_MORE, OF_TWO, type Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

export const writers3: Scenario = {
  name: "writers3",
  promise: "three parallel writers all count",
  layouts: OF_MORE,
  before: signedIn(),
  start(world) {
    const writers = [1, 2, 3].map((n) => request(world, `w${n}`, write(world, `e${n}`)));
    return async () => {
      const all = writers.every((visit) => visit.status === 200);
      world.expect(all, "a writer was refused without need");
      expectWritesCounted(world, (await look(world)).data);
    };
  },
};

export const writersFault: Scenario = {
  name: "writersFault",
  promise: "with a fault of the store, acknowledged writes count once and failed ones at most once",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow", "crash"],
  giveUps: 1,
  before: signedIn(),
  start(world) {
    for (const n of [1, 2]) request(world, `w${n}`, write(world, `e${n}`));
    return async () => expectWritesCounted(world, (await look(world)).data);
  },
};

export const writerAlone: Scenario = {
  name: "writerAlone",
  promise: "a doubtful save that nobody comes between turns out well",
  layouts: ["one process"],
  faults: 2,
  kinds: ["ambiguous", "late", "slow"],
  before: signedIn(),
  start(world) {
    const writer = request(world, "w", write(world, "e1"));
    return async () => {
      world.expect(writer.status === 200, "a write failed that only had to be repeated");
      expectWritesCounted(world, (await look(world)).data);
    };
  },
};

export const writersQueued: Scenario = {
  name: "writersQueued",
  promise: "the same where requests wait for each other inside a process and another process writes too",
  layouts: ["two processes"],
  faults: 1,
  kinds: ["ambiguous", "slow"],
  before: signedIn(),
  start(world) {
    for (const n of [1, 2, 3]) request(world, `w${n}`, write(world, `e${n}`));
    return async () => expectWritesCounted(world, (await look(world)).data);
  },
};

export const saveTwice: Scenario = {
  name: "saveTwice",
  promise: "what save() resolved for counts once, and so does what came after it, beside another writer",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow"],
  giveUps: 1,
  before: signedIn(),
  start(world) {
    request(world, "s", async (session, visit) => {
      if (session.isNew) return 401;
      const first = addTo(world, session, "e1");
      await session.save();
      first.status = 200;
      visit.write = addTo(world, session, "e2");
      return undefined;
    });
    request(world, "w", write(world, "e3"));
    return async () => expectWritesCounted(world, (await look(world)).data);
  },
};

export const saveCaught: Scenario = {
  ...saveTwice,
  name: "saveCaught",
  promise:
    "a handler that goes on after a failed save() is answered 200 only if everything it wrote counts once",
  start(world) {
    request(world, "s", async (session, visit) => {
      if (session.isNew) return 401;
      const first = addTo(world, session, "e1");
      visit.write = first;
      await session.save().catch(ignoreStore);
      addTo(world, session, "e2").follows = first;
      return undefined;
    });
    request(world, "w", write(world, "e3"));
    return async () => expectWritesCounted(world, (await look(world)).data);
  },
};

function ignoreStore(error: unknown): void {
  if (!(error instanceof StoreUnavailableError)) throw error;
}

export const takeFresh: Scenario = {
  name: "takeFresh",
  promise: "a value that another process has just stored can be taken beside a slow writer of this one",
  layouts: OF_MORE,
  faults: 1,
  kinds: ["slow"],
  before: signedIn(),
  start(world) {
    request(world, "w1", write(world, "e1"));
    request(world, "s2", (session) => session.set("state", "once"));
    const taker = request(world, "t2", (session, visit) => {
      if (session.take("state") === undefined) visit.found = "nothing to take";
    });
    return () => {
      if (taker.found === "ok")
        world.expect(taker.status === 200, "a value that is there was refused as taken");
    };
  },
};

export const takeTwice: Scenario = {
  name: "takeTwice",
  promise: "of two requests that take a value, one is answered with it",
  layouts: OF_TWO,
  before: signedIn("ann", { data: { state: "once" } }),
  start: (world) => taking(world, 2, (session) => session.take("state")),
};

export const consumeTwice: Scenario = {
  name: "consumeTwice",
  promise: "of two requests that consume a value, one gets it",
  layouts: OF_TWO,
  before: signedIn("ann", { data: { state: "once" } }),
  start: (world) => taking(world, 1, (session) => session.consume("state")),
};

export const consumeFault: Scenario = {
  ...consumeTwice,
  name: "consumeFault",
  promise: "of two requests that consume a value, at most one gets it, whatever the store does",
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow", "crash"],
  giveUps: 1,
};

/** `mayHold`: how many handlers may see the value, whether they are answered with it or not. */
function taking(world: World, mayHold: number, take: (session: Handle) => unknown): () => void {
  const takers: Visit[] = [];
  let handed = 0;
  for (const n of [1, 2]) {
    const visit = request(world, `t${n}`, async (session) => {
      const value = await take(session);
      if (value === undefined) return 401;
      handed += 1;
      return undefined;
    });
    takers.push(visit);
  }
  return () => {
    const served = takers.filter((visit) => visit.status === 200).length;
    world.expect(served <= 1, "two requests were answered with a value that is there once");
    world.expect(handed <= mayHold, "two requests were handed a value that is there once");
    const isFaultless = world.rules.faults === 0;
    if (isFaultless) world.expect(served === 1 && handed >= 1, "nobody got the value");
  };
}
