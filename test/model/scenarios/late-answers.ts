/** Answers that arrive late, or belong to a dead cookie: none of them undoes a login. */
import { request } from "../client.ts";
import { DUE, login, signedIn, visiting } from "../happenings.ts";
import { look, read } from "../judging.ts";
import { OF_TWO, type Scenario } from "../scenario.ts";
import type { World } from "../world.ts";

export const anonRotateVsLogin: Scenario = {
  name: "anonRotateVsLogin",
  promise: "the late answer of a visitor's request does not undo a login",
  layouts: OF_TWO,
  before: visiting({ ageMs: DUE }),
  start(world) {
    const signing = request(world, "login", login(world));
    request(world, "r", read);
    return () => expectSignedIn(world, signing.status === 200);
  },
};

export const firstWriteVsLogin: Scenario = {
  name: "firstWriteVsLogin",
  promise: "a visitor's very first write beside a login in another tab does not undo the login",
  layouts: OF_TWO,
  start(world) {
    const signing = request(world, "login", login(world));
    request(world, "v", (session) => session.set("cart", ["e1"]));
    return () => expectSignedIn(world, signing.status === 200);
  },
};

export const deadAnswerClears: Scenario = {
  name: "deadAnswerClears",
  promise: "the answer to a request with a dead cookie does not undo a login",
  layouts: OF_TWO,
  async before(world) {
    await signedIn()(world);
    await world.process("before").sessions.revokeAll("ann");
    world.now += 1;
  },
  start(world) {
    const signing = request(world, "login", login(world));
    request(world, "r", read);
    return () => expectSignedIn(world, signing.status === 200);
  },
};

async function expectSignedIn(world: World, isDue: boolean): Promise<void> {
  world.expect(isDue, "a login was refused without need");
  world.expect((await look(world)).userId === "ann", "a late answer overwrote the cookie of a login");
}
