/** Revocation: complete when it resolves, also against logins under way. */
import { type Handler, request, type Visit } from "../client.ts";
import { login, operator, signedIn } from "../happenings.ts";
import { Jar } from "../jar.ts";
import { look, sessionsOf, write } from "../judging.ts";
import { OF_MORE, OF_TWO, type Scenario } from "../scenario.ts";

export const revokeVsLogin: Scenario = {
  name: "revokeVsLogin",
  promise: "a login that began before revokeAll resolved does not outlive it",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["ambiguous", "slow"],
  before: signedIn("ann", { jar: new Jar("elsewhere") }),
  start(world) {
    const begun = new Set<string>();
    const logins = [1, 2].map((n) =>
      request(
        world,
        `l${n}`,
        (session, visit) => {
          begun.add(visit.name);
          return login(world)(session, visit);
        },
        { jar: new Jar(`device ${n}`) },
      ),
    );
    let early: readonly string[] | null = null;
    operator(world, async (sessions) => {
      const before = [...begun];
      await sessions.revokeAll("ann");
      early = before;
      await world.passes(1);
    });
    return async () => {
      const alive = await sessionsOf(world, "ann");
      const late = logins.filter((visit) => visit.status === 200 && !early?.includes(visit.name));
      if (early) world.expect(alive.length <= late.length, "a login from before revokeAll is alive after it");
    };
  },
};

export const ticketVsRevoke: Scenario = {
  name: "ticketVsRevoke",
  promise: "with a ticket that holds whatever the clocks say, and a login begun afterwards gets in",
  layouts: ["several processes"],
  before: signedIn("ann", { jar: new Jar("elsewhere") }),
  start(world) {
    const begunAt = new Map<Visit, number>();
    const logins = [-60_000, 60_000].map((skew, n) => {
      const process = world.process(`skewed ${n}`, skew);
      const enter: Handler = async (session, visit) => {
        const ticket = await process.sessions.beginLogin("ann");
        begunAt.set(visit, visit.sawAt);
        await session.login("ann", { ticket });
      };
      return request(world, `l${n}`, enter, { jar: new Jar(`device ${n}`), process });
    });
    let markedAt = 0;
    let revokedAt = 0;
    operator(world, async (sessions) => {
      markedAt = world.moment;
      await sessions.revokeAll("ann");
      revokedAt = world.moment;
    });
    return async () => {
      const late = logins.filter((visit) => (begunAt.get(visit) ?? 0) > revokedAt);
      const areIn = late.every((visit) => visit.status === 200);
      world.expect(areIn, "a login begun after revokeAll was refused");
      const mayLive = logins.filter((visit) => visit.status === 200 && (begunAt.get(visit) ?? 0) > markedAt);
      const alive = await sessionsOf(world, "ann");
      world.expect(alive.length <= mayLive.length, "a login from before revokeAll is alive after it");
    };
  },
};

export const revokeOne: Scenario = {
  name: "revokeOne",
  promise: "revoking one session ends it against its own writers, and leaves the others",
  layouts: OF_MORE,
  faults: 1,
  kinds: ["lost", "ambiguous", "slow"],
  async before(world) {
    await signedIn("ann", { jar: new Jar("elsewhere"), ageMs: 1 })(world);
    await signedIn()(world);
  },
  start(world) {
    const before = world.browser.copy("before");
    for (const n of [1, 2]) request(world, `w${n}`, write(world, `e${n}`));
    let isRevoked = false;
    operator(world, async (sessions) => {
      const [newest] = await sessions.list("ann", { limit: 1 });
      if (newest) isRevoked = await sessions.revoke("ann", newest.id);
      if (newest && isRevoked) world.noteEnd(newest.id);
    });
    return async () => {
      if (isRevoked) world.expect((await look(world, before)).id === null, "a revoked session is alive");
      const { length } = await sessionsOf(world, "ann");
      world.expect(length >= 1, "another session ended with the revoked one");
    };
  },
};

export const tombstone: Scenario = {
  name: "tombstone",
  promise: "a session revoked while its login still repeats a doubtful call does not come back",
  layouts: OF_TWO,
  faults: 1,
  kinds: ["ambiguous", "late", "slow"],
  start(world) {
    request(world, "login", login(world));
    const revoked: string[] = [];
    operator(world, async (sessions) => {
      for (const { id } of await sessions.list("ann")) {
        if (await sessions.revoke("ann", id)) revoked.push(id);
      }
    });
    return async () => {
      const alive = await sessionsOf(world, "ann");
      world.expect(!alive.some((id) => revoked.includes(id)), "a revoked session is back");
    };
  },
};
