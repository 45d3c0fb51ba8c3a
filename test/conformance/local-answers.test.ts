/** What stores answer without the server behind them says nothing about that server (`onLocal`). */
import { expect, test } from "vitest";
import { cookieStore, newKey } from "../../src/stores/cookie.ts";
import { memoryStore } from "../../src/stores/memory.ts";
import { tiered } from "../../src/stores/tiered.ts";
import { START, userRecord } from "../../src/testing/store-contract/records.ts";
import { carriedBy, carriedRecord } from "./cookie/world.ts";

const since = { startedAt: START };

/** How often a call was answered without the server. */
function counter() {
  let times = 0;
  const onLocal = (): void => {
    times += 1;
  };
  const taken = (): number => {
    const sum = times;
    times = 0;
    return sum;
  };
  return { onLocal, taken };
}

test("a copy, and not the read that made it", async () => {
  const { onLocal, taken } = counter();
  const store = tiered({ maxAge: "5s" }, memoryStore());
  const record = userRecord("ada");
  await store.create(record, { now: START, since, onLocal });
  await store.load(record.id, { now: START, mayLag: true, onLocal });
  expect(taken()).toBe(0);
  await store.load(record.id, { now: START, mayLag: true, onLocal });
  expect(taken()).toBe(1);
  await store.load(record.id, { now: START, onLocal });
  expect(taken()).toBe(0);
});

test("what a client brought, unless the epochs are asked", async () => {
  const { onLocal, taken } = counter();
  const store = cookieStore({ keys: newKey(), epochs: memoryStore(), epochTtl: "10s" });
  const { jar, request } = carriedBy(store);
  const record = carriedRecord({ idleUntil: START + 1000, idleFor: 1000 });
  const call = { now: START, onLocal };

  await request().create(record, { ...call, since });
  expect(taken()).toBe(0);
  await request().load(record.id, { ...call, mayLag: true });
  expect(taken(), "its own note was not known yet").toBe(0);
  await request().load(record.id, { ...call, mayLag: true });
  expect(taken(), "all three are").toBe(1);
  await request().load(record.id, call);
  await request().save({ ...record, version: "next" }, record.version, call);
  expect(taken(), "asked anew").toBe(0);
  await request().touch(record.id, START + 2000, call);
  expect(taken(), "a touch").toBe(1);
  await request().load(record.id, { ...call, now: START + 1000 });
  expect(taken(), "expired").toBe(1);
  const ended = request();
  await ended.delete(record.id, "logged-out", call);
  expect(taken(), "a logout").toBe(0);
  await ended.load(record.id, call);
  expect(taken(), "known to have ended").toBe(1);
  jar.set(record.id, "mangled");
  await expect(request().load(record.id, call)).rejects.toMatchObject({ kind: "damaged" });
  expect(taken(), "mangled").toBe(1);
});
