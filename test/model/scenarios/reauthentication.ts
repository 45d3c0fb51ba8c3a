/** Signing in again as the same user, or as another: the session before is over, and its data where it belongs. */
import { request, visitNow } from "../client.ts";
import { CART, DUE, login, renew, signedIn } from "../happenings.ts";
import { expectKept, expectWritesCounted, look, read, sessionsOf, write } from "../judging.ts";
import { OF_MORE, OF_TWO, type Scenario } from "../scenario.ts";

export const reauthenticate: Scenario = {
  name: "reauthenticate",
  promise: "signing in again as the same user keeps what was acknowledged and ends the old session",
  layouts: OF_MORE,
  before: signedIn("ann", CART),
  start(world) {
    const before = world.browser.copy("before");
    const signing = request(world, "login", login(world));
    for (const n of [1, 2]) request(world, `w${n}`, write(world, `e${n}`));
    return async () => {
      world.expect(signing.status === 200, "signing in again was refused without need");
      world.expect(
        (await look(world, before)).id === null,
        "the old session is alive after signing in again",
      );
      const { userId, data } = await look(world);
      world.expect(userId === "ann", "not signed in after signing in again");
      expectWritesCounted(world, data);
      expectKept(world, data);
    };
  },
};

export const reauthenticateFault: Scenario = {
  name: "reauthenticateFault",
  promise: "with a fault, signing in again works or leaves the old session",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow"],
  before: signedIn("ann", CART),
  start(world) {
    request(world, "login", login(world));
    request(world, "w", write(world, "e1"));
    return async () => {
      const { userId, data } = await look(world);
      world.expect(userId === "ann", "a fault while signing in again logged the client out");
      world.expect(
        (await sessionsOf(world, "ann")).length === 1,
        "signing in again left a session nobody holds",
      );
      expectWritesCounted(world, data);
      expectKept(world, data);
    };
  },
};

export const reauthenticateVsRenew: Scenario = {
  name: "reauthenticateVsRenew",
  promise: "signing in again beside a renewal: the old secret is dead, and one of the two holds",
  layouts: OF_TWO,
  before: signedIn("ann", CART),
  start(world) {
    const before = world.browser.copy("before");
    const signing = request(world, "login", login(world));
    const renewing = request(world, "n", renew(world));
    return async () => {
      world.expect(signing.status === 200, "signing in again was refused without need");
      world.expect((await look(world, before)).id === null, "the old secret is alive");
      const isLate = renewing.status === 200;
      if (!isLate) world.expect((await look(world)).userId === "ann", "not signed in after signing in again");
    };
  },
};

export const loginAfterOffer: Scenario = {
  name: "loginAfterOffer",
  promise: "signing in again with a rotation's offer, beside a writer with the secret before",
  layouts: OF_MORE,
  before: signedIn("ann", { ...CART, ageMs: DUE }),
  start(world) {
    const before = world.browser.copy("before");
    world.party(async () => {
      await visitNow(world, "a1", read);
      const signing = await visitNow(world, "a2", login(world));
      world.expect(signing.status === 200, "signing in again was refused without need");
    });
    request(world, "b", write(world, "e1"));
    return async () => {
      world.expect(
        (await look(world, before)).id === null,
        "the old session is alive after signing in again",
      );
      const { userId, data } = await look(world);
      if (userId === null)
        world.violate("logged out: an offer overtook the answer of a login as the same user");
      else {
        expectWritesCounted(world, data);
        expectKept(world, data);
      }
    };
  },
  residual: /offer overtook/,
};

export const switchUser: Scenario = {
  name: "switchUser",
  promise:
    "signing in as somebody else ends the session before, hands nothing on but what is named, and faults do not mix",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow"],
  giveUps: 1,
  before: signedIn("bob", { data: { cart: ["c0"], private: ["bob's"] } }),
  start(world) {
    const before = world.browser.copy("before");
    const signing = request(world, "login", login(world));
    const bobs = request(world, "w", write(world, "e1", "private"));
    return async () => {
      const { userId, data } = await look(world);
      if (signing.status === 200) {
        world.expect(userId === "ann", "not signed in as the new user");
        const own = bobs.userId === "bob" ? undefined : data.private;
        world.expect(data.private === own, "data of another user went over");
        world.expect((await look(world, before)).id === null, "the session of the user before is alive");
        return;
      }
      if (userId === null)
        world.notes.add("the end of the session before was in doubt: signed out, and told 503");
      else expectWritesCounted(world, data);
    };
  },
};
