/** Deadlines: whoever is served stays for the idle time, and an expired session is over for all. */
import { type Handler, request, visitNow } from "../client.ts";
import { MINUTE, signedIn } from "../happenings.ts";
import { look, read, write } from "../judging.ts";
import { OF_TWO, type Scenario } from "../scenario.ts";

const IDLE = 30 * MINUTE;
/** Touches are that far apart at most: a twentieth of the idle time. */
const THROTTLE = IDLE / 20;

export const touchVsSave: Scenario = {
  name: "touchVsSave",
  promise:
    "whoever was served stays signed in for the idle time and not longer, whatever was saved in parallel",
  layouts: OF_TWO,
  before: signedIn(),
  start(world) {
    const usedAt = [world.now];
    const noting = (handler: Handler): Handler => {
      return (session, visit) => {
        usedAt.push(world.now);
        return handler(session, visit);
      };
    };
    request(world, "s", noting(write(world, "e1")));
    request(world, "h", noting(read));
    world.clock(5 * MINUTE);
    return async () => {
      const end = world.now + IDLE;
      world.now = Math.max(...usedAt) + IDLE - THROTTLE - 1;
      world.expect((await look(world)).userId === "ann", "a session ended before its idle time was over");
      world.now = end;
      world.expect((await look(world)).userId === null, "a session is alive after its idle time");
    };
  },
};

export const touchVsSlowClock: Scenario = {
  name: "touchVsSlowClock",
  promise: "a process whose clock is behind takes nothing from the idle time that another has granted",
  layouts: ["several processes"],
  async before(world) {
    await signedIn()(world);
    world.now += 5 * MINUTE;
  },
  start(world) {
    const served = world.now;
    request(world, "s", write(world, "e1"), { process: world.process("behind", -5 * MINUTE) });
    request(world, "h", read);
    return async () => {
      world.now = served + IDLE - THROTTLE - 1;
      world.expect((await look(world)).userId === "ann", "a session ended before its idle time was over");
    };
  },
};

export const skewExpiry: Scenario = {
  name: "skewExpiry",
  promise: "a session that one process saw expired is over for all, however far the clocks are apart",
  layouts: ["several processes"],
  async before(world) {
    await signedIn()(world);
    world.now += IDLE - 30_000;
  },
  start(world) {
    const fast = world.process("fast", 60_000);
    world.party(async () => {
      await visitNow(world, "f1", read, { process: fast });
      await visitNow(world, "f2", read, { process: fast });
    });
    request(world, "slow", read);
    return async () => {
      await look(world);
    };
  },
};

export const expiryVsWriter: Scenario = {
  name: "expiryVsWriter",
  promise: "a session that expires while requests run is over for all of them",
  layouts: OF_TWO,
  async before(world) {
    await signedIn()(world);
    world.now += IDLE - 1;
  },
  start(world) {
    const visits = [request(world, "w", write(world, "e1")), request(world, "r", read)];
    world.clock(1);
    return async () => {
      const { userId } = await look(world);
      const isExtended = visits.some((visit) => visit.status === 200 && visit.userId === "ann");
      if (userId === "ann") world.expect(isExtended, "an expired session is alive");
    };
  },
};
