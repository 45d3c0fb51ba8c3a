/** For how long, and for whom, it is remembered what ended: called as the engine calls, with clocks that differ. */
import { expect, it } from "vitest";
import type { SessionRecord } from "../../../src/core/record.ts";
import { cookieStore } from "../../../src/stores/cookie.ts";
import { memoryStore } from "../../../src/stores/memory.ts";
import { START } from "../../../src/testing/store-contract/records.ts";
import { carriedBy, carriedRecord, KEY } from "./world.ts";

const DAY = 24 * 60 * 60_000;
const since = { startedAt: START };

function world() {
  const epochs = memoryStore();
  const store = cookieStore({ keys: KEY, epochs });
  /** A session that lives for as long as one may, and the store as its requests see it. */
  async function session(fields: Partial<SessionRecord> = {}) {
    const record = carriedRecord({
      absoluteUntil: START + 400 * DAY,
      idleUntil: START + 400 * DAY,
      ...fields,
    });
    const { request } = carriedBy(store);
    await request().create(record, { now: START, since });
    return { record, request, at: (now: number) => request().load(record.id, { now }) };
  }
  return { epochs, store, session };
}

it.each<
  [how: string, end: (store: ReturnType<typeof world>["store"], record: SessionRecord) => Promise<unknown>]
>([
  ["its user's", (store) => store.deleteByUser("ada", { now: START })],
  ["everybody's", (store) => store.deleteAll({ now: START })],
  ["its own", ({ carrying }, { id }) => carrying.end("ada", id, "revoked", { now: START })],
])("%s end is remembered for as long as a session may live, whatever is swept", async (_, end) => {
  const { epochs, store, session } = world();
  const { record, at } = await session();
  await end(store, record);
  const now = START + 400 * DAY - 1;
  await epochs.sweep({ now, limit: 100 });
  expect(await at(now)).toMatchObject({ ended: "revoked" });
});

it("everybody's sessions can be revoked again at any time later", async () => {
  const { epochs, store } = world();
  await store.deleteAll({ now: START });
  const now = START + 401 * DAY;
  await epochs.sweep({ now, limit: 100 });
  await store.deleteAll({ now });
});

it("an end is remembered past the session's, for machines whose clocks are behind", async () => {
  const { epochs, session } = world();
  const until = START + 60_000;
  const { record, request, at } = await session({ absoluteUntil: until, idleUntil: until });
  expect(await request().delete(record.id, "logged-out", { now: START })).toBe("deleted");
  await epochs.sweep({ now: until + 9 * 60_000, limit: 100 });
  expect(await at(until - 1)).toMatchObject({ ended: "logged-out" });
});

it("a revocation by a clock that is behind lets no login in that one before it kept out", async () => {
  const { store, session } = world();
  const { request } = await session();
  await store.deleteByUser("ada", { now: START + 1000 });
  await store.deleteByUser("ada", { now: START });
  const late = { now: START + 2000, since: { startedAt: START + 500 } };
  expect(await request().create(carriedRecord(), late)).toEqual({ ok: false, reason: "revoked" });
});

it("an end that two requests make at once is told once", async () => {
  const { session } = world();
  const { record, request } = await session();
  const told: unknown[] = [];
  const call = { now: START, onEnded: (_: unknown, reason: unknown) => void told.push(reason) };
  const logout = () => request().delete(record.id, "logged-out", call);
  await Promise.all([logout(), logout()]);
  expect([told, await logout()]).toEqual([["logged-out"], "gone"]);
});

it("a login takes the place of no other user's session", async () => {
  const { session } = world();
  const { record, request, at } = await session();
  const replaces = { id: record.id, version: record.version };
  await request().create(carriedRecord({ userId: "bob" }), { now: START, since, replaces });
  expect(await at(START)).toMatchObject({ userId: "ada" });
  await request().create(carriedRecord(), { now: START, since, replaces });
  expect(await at(START)).toMatchObject({ ended: "replaced" });
});
