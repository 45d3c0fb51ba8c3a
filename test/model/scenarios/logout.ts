/** Logout: what ended never comes back. */
import { request } from "../client.ts";
import { DUE, logout, MINUTE, signedIn } from "../happenings.ts";
import { look, read, write } from "../judging.ts";
import { OF_MORE, type Scenario } from "../scenario.ts";

export const logoutVsAll: Scenario = {
  name: "logoutVsAll",
  promise: "a logout ends the session against writers, readers and rotation, with a fault too",
  layouts: OF_MORE,
  faults: 1,
  kinds: ["ambiguous", "late", "slow"],
  before: signedIn("ann", { ageMs: DUE }),
  start(world) {
    const before = world.browser.copy("before");
    const leaving = request(world, "out", logout(world));
    request(world, "w", write(world, "e1"));
    request(world, "r", read);
    return async () => {
      if (leaving.status !== 200) return;
      world.expect((await look(world, before)).id === null, "the session is alive after the logout");
      world.expect((await look(world)).id === null, "the browser is signed in after the logout");
    };
  },
};

export const logoutVsTouch: Scenario = {
  name: "logoutVsTouch",
  promise: "a logout ends the session against readers that extend it",
  layouts: OF_MORE,
  async before(world) {
    await signedIn()(world);
    world.now += 5 * MINUTE;
  },
  start(world) {
    const before = world.browser.copy("before");
    const leaving = request(world, "out", logout(world));
    for (const n of [1, 2]) request(world, `r${n}`, read);
    return async () => {
      world.expect(leaving.status === 200, "a logout failed without need");
      world.expect((await look(world, before)).id === null, "the session is alive after the logout");
    };
  },
};
