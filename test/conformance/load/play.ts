// The whole of it: people act at four servers for a number of rounds, between which time passes.
import { expect } from "vitest";
import type { SessionStore } from "../../../src/stores/contract.ts";
import { seededRandom } from "../../../src/testing/clock.ts";
import { Fleet } from "./fleet.ts";
import { Person } from "./person.ts";
import { connect, type Place } from "./place.ts";
import { Referee } from "./referee.ts";

const USERS = 8;
const DEVICES = 3;
const ROUNDS = 3;
/** For each person in a round. */
const ACTS = 5;
/** Two of these are longer than the idle timeout, one is not; and longer than a rotation waits. */
const ROUND_MS = 16 * 60_000;

/** How long beyond the usual rounds: for a load test by hand. */
const SECONDS = Number(process.env.SOJOURN_LOAD_SECONDS ?? 0);

/** Answers what was done, for people to read. */
export async function play(place: Place): Promise<string> {
  const bytes = seededRandom(20);
  const random = (): number => (bytes(1)[0] ?? 0) / 256;
  let now = Date.UTC(2036, 3, 4);
  const referee = new Referee();
  const started = performance.now();
  const fleet = await Fleet.start(place, now);
  const { store, disconnect } = connect(place);
  try {
    await store.open();
    const people = Array.from(
      { length: USERS * DEVICES },
      (_, i) => new Person(`user-${i % USERS}`, fleet, referee, random),
    );
    for (let round = 0; round < ROUNDS || performance.now() < started + SECONDS * 1000; round++) {
      const sleepers = Array.from(
        { length: 3 },
        () => new Person(`sleeper-${round}`, fleet, referee, random),
      );
      await Promise.all([...people, ...sleepers].map((person) => person.signInUnlessIn()));
      await Promise.all(people.map((person) => actFor(person, ACTS)));
      await Promise.all(people.map((person) => person.check()));
      await expectIndexOfRows(store, now, [...people, ...sleepers]);
      for (const _ of [1, 2]) {
        now += ROUND_MS;
        await fleet.setTime(now);
        await Promise.all(people.map((person) => person.check()));
      }
      await Promise.all(sleepers.map((person) => person.expectExpired()));
      await expectIndexOfRows(store, now, people);
    }
    await fleet[Symbol.asyncDispose]();
  } finally {
    fleet.kill();
    await store.close();
    await disconnect();
  }
  const seconds = (performance.now() - started) / 1000;
  const seen = Object.entries(referee.seen).map(([what, count]) => `${count} ${what}`);
  return `${place.kind}: ${fleet.requests} requests in ${seconds.toFixed(0)} s: ${seen.join(", ")}`;
}

async function actFor(person: Person, acts: number): Promise<void> {
  for (let act = 0; act < acts; act++) await person.act();
}

/** Rows, lists and what people hold are the same sessions. */
async function expectIndexOfRows(store: SessionStore, now: number, people: readonly Person[]): Promise<void> {
  const rows = new Map<string, string[]>();
  let after: string | null | undefined;
  do {
    const page = await store.scan?.({ now, limit: 100, ...(after && { after }) });
    for (const { id, userId } of page?.sessions ?? []) {
      if (userId !== null) rows.set(userId, [...(rows.get(userId) ?? []), id]);
    }
    after = page?.after ?? null;
  } while (after !== null);
  const held = Map.groupBy(
    people.flatMap(({ login }) => login ?? []),
    ({ userId }) => userId,
  );
  for (const userId of new Set([...people.map((person) => person.userId), ...rows.keys()])) {
    const { sessions } = await store.listByUser(userId, { now, limit: 100 });
    const listed = sessions.map(({ id }) => id).toSorted();
    expect([...new Set(rows.get(userId) ?? [])].toSorted(), `rows of ${userId}`).toEqual(listed);
    expect((held.get(userId) ?? []).map(({ id }) => id).toSorted(), `sessions of ${userId}`).toEqual(listed);
  }
}
