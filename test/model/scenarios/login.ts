/** Login: a new session in place of the visitor's, and nothing the visitor was told is stored gets lost. */
import { StoreUnavailableError } from "../../../src/errors.ts";
import { request, visitNow } from "../client.ts";
import { CART, login, visiting } from "../happenings.ts";
import { addTo, expectKept, expectWritesCounted, look, sessionsOf, write } from "../judging.ts";
import { OF_MORE, OF_TWO, type Scenario } from "../scenario.ts";

export const loginVsWriter: Scenario = {
  name: "loginVsWriter",
  promise:
    "what a visitor put in the cart during the login is kept, and a copied visitor's cookie gets nowhere",
  layouts: OF_MORE,
  before: visiting(CART),
  start(world) {
    request(world, "login", login(world));
    request(world, "w", write(world, "e1"));
    const attacker = request(world, "x", write(world, "evil", "private"), {
      jar: world.browser.copy("attacker"),
    });
    return async () => {
      world.expect(attacker.userId === null, "a visitor's cookie opened a signed-in session");
      const { userId, data } = await look(world);
      world.expect(userId === "ann", "not signed in after the login");
      world.expect(data.private === undefined, "an attacker wrote into the signed-in session");
      world.writes.splice(0, world.writes.length, ...world.writes.filter(({ key }) => key === "cart"));
      expectWritesCounted(world, data);
      expectKept(world, data);
    };
  },
};

export const loginFaults: Scenario = {
  name: "loginFaults",
  promise:
    "a fault during login costs the visitor nothing: signed in with the cart, or still a visitor with the cart",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow", "crash"],
  before: visiting(CART),
  start(world) {
    const signing = request(world, "login", login(world));
    request(world, "w", write(world, "e1"));
    return async () => {
      const { id, userId, data } = await look(world);
      if (id === null && signing.status === "crashed") {
        world.notes.add("crash between the login and its answer: the visitor starts afresh");
        return;
      }
      world.expect(id !== null, `login was answered ${signing.status} and the visitor's session is gone`);
      world.expect(
        userId === (signing.status === 200 ? "ann" : null),
        "the answer of the login does not hold",
      );
      expectWritesCounted(world, data);
      expectKept(world, data);
    };
  },
};

export const loginOutage: Scenario = {
  ...loginFaults,
  name: "loginOutage",
  promise: "a store that is away for longer than a login waits costs at most what was written in parallel",
  layouts: OF_TWO,
  faults: 2,
  kinds: ["lost", "ambiguous", "late"],
  giveUps: 2,
  start(world) {
    const signing = request(world, "login", login(world));
    request(world, "w", write(world, "e1"));
    return async () => {
      const { id, userId, data } = await look(world);
      world.expect(id !== null, `login was answered ${signing.status} and the visitor's session is gone`);
      world.expect(
        userId === (signing.status === 200 ? "ann" : null),
        "the answer of the login does not hold",
      );
      expectKept(world, data);
      expectWritesCounted(world, data);
    };
  },
  residual: /acknowledged write is lost/,
};

export const loginAndWrite: Scenario = {
  name: "loginAndWrite",
  promise: "a request that signs in and then writes, with faults, beside a writer of the visitor's session",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow"],
  before: visiting(CART),
  start(world) {
    const enter = login(world);
    const add = write(world, "e1");
    const signing = request(world, "login", async (session, visit) => {
      await enter(session, visit);
      return add(session, visit);
    });
    request(world, "w", write(world, "e2"));
    return async () => {
      const { userId, data } = await look(world);
      if (signing.status === 200) world.expect(userId === "ann", "not signed in after the login");
      expectWritesCounted(world, data);
      expectKept(world, data);
    };
  },
};

export const loginCaught: Scenario = {
  name: "loginCaught",
  promise: "a handler that wrote, goes on after a failed login and is answered 200 has lost nothing of it",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["lost", "ambiguous", "late", "slow"],
  giveUps: 1,
  before: visiting(CART),
  start(world) {
    request(world, "login", async (session, visit) => {
      if (session.isNew) return 401;
      visit.write = addTo(world, session, "e1");
      await session.login("ann").catch((error: unknown) => {
        if (!(error instanceof StoreUnavailableError)) throw error;
      });
      return undefined;
    });
    request(world, "w", write(world, "e2"));
    return async () => {
      const { id, data } = await look(world);
      world.expect(id !== null, "the visitor's session is gone");
      expectWritesCounted(world, data);
      expectKept(world, data);
    };
  },
  residual: /acknowledged write is lost/,
};

export const loginThenUse: Scenario = {
  name: "loginThenUse",
  promise: "a login, a request with its cookie and a late one with the visitor's",
  layouts: OF_MORE,
  before: visiting(CART),
  start(world) {
    world.party(async () => {
      await visitNow(world, "login", login(world));
      await visitNow(world, "a2", write(world, "e1"));
    });
    request(world, "late", write(world, "e2"));
    return async () => {
      const { userId, data } = await look(world);
      world.expect(userId === "ann", "not signed in after the login");
      expectWritesCounted(world, data);
      expectKept(world, data);
    };
  },
};

export const doubleLogin: Scenario = {
  name: "doubleLogin",
  promise: "a login sent twice signs in, and the visitor's cookie is dead",
  layouts: OF_TWO,
  before: visiting(CART),
  start(world) {
    const before = world.browser.copy("before");
    const logins = [1, 2].map((n) => request(world, `l${n}`, login(world), { mayLose: true }));
    return async () => {
      const served = logins.filter((visit) => visit.status === 200);
      world.expect(served.length === 2, "a verified login was refused");
      world.expect((await look(world, before)).id === null, "the visitor's cookie is alive after the login");
      const { userId } = await look(world);
      if (logins.every((visit) => !visit.isLost))
        world.expect(userId === "ann", "not signed in after two logins");
      else if (userId === null) world.notes.add("the second login ended the first, and its answer was lost");
      world.notes.add(`sessions of the user: ${(await sessionsOf(world, "ann")).length}`);
    };
  },
};
