import { describe, expect, test } from "vitest";
import { newId, revised, START, userRecord } from "../../testing/store-contract/records.ts";
import { Near, type NearLimits } from "./near.ts";

const MAX_AGE = 5000;

function made(limits: Partial<NearLimits> = {}) {
  const clock = { ms: 0 };
  const near = new Near({ maxAgeMs: MAX_AGE, maxBytes: 1_000_000, ...limits }, () => clock.ms);
  const put = (record = userRecord(), now = START) => {
    const flight = near.depart(record.id, now);
    near.keep(flight, record);
    near.land(flight);
    return record;
  };
  return { near, clock, put };
}

describe("a copy is served", () => {
  test("until it is as old as it may be, by the caller's clock", () => {
    const { near, put } = made();
    const { id } = put();
    expect(near.get(id, START + MAX_AGE - 1)?.id).toBe(id);
    expect(near.get(id, START + MAX_AGE)).toBeUndefined();
  });

  test("until then by the steady clock too, for the caller's may stand still for as long as it was set back", () => {
    const { near, clock, put } = made();
    const { id } = put();
    clock.ms = MAX_AGE - 1;
    expect(near.get(id, START)?.id).toBe(id);
    clock.ms = MAX_AGE;
    expect(near.get(id, START)).toBeUndefined();
  });

  test("counting from when the store was asked, not from when it answered", () => {
    const { near, clock } = made();
    const record = userRecord();
    const flight = near.depart(record.id, START);
    clock.ms = 3000;
    near.keep(flight, record);
    clock.ms = MAX_AGE;
    expect(near.get(record.id, START)).toBeUndefined();
  });

  test("to no caller whose clock was behind when it was made", () => {
    const { near, put } = made();
    expect(near.get(put().id, START - 1)).toBeUndefined();
  });

  test("not past a deadline of its session", () => {
    const { near, put } = made();
    const idle = put(userRecord("ada", { idleUntil: START + 100 }));
    const absolute = put(userRecord("ada", { absoluteUntil: START + 100 }));
    for (const { id } of [idle, absolute]) {
      expect(near.get(id, START + 99)?.id).toBe(id);
      expect(near.get(id, START + 100)).toBeUndefined();
    }
  });

  test("as one's own: what a caller does to it, or to what was put in, reaches nobody else", () => {
    const { near, put } = made();
    const record = put(userRecord("ada", { payload: Uint8Array.of(1, 2), credentials: Buffer.from([3]) }));
    record.payload.fill(9);
    record.credentials.fill(9);
    near.get(record.id, START)?.payload.fill(9);
    expect(near.get(record.id, START)).toMatchObject({
      payload: Uint8Array.of(1, 2),
      credentials: Uint8Array.of(3),
    });
  });
});

describe("an answer under way is not kept", () => {
  const overtaking: Record<string, (near: Near, id: string) => void> = {
    "its session changed": (near, id) => near.evict(id),
    "its user's sessions ended": (near) => near.evictUser("ada"),
    "anything may have changed": (near) => near.clear(),
  };
  test.each(Object.entries(overtaking))("when %s meanwhile", (_, overtake) => {
    const { near } = made();
    const record = userRecord("ada");
    const [first, second] = [near.depart(record.id, START), near.depart(record.id, START)];
    overtake(near, record.id);
    const later = near.depart(record.id, START);
    for (const flight of [first, second]) {
      near.keep(flight, record);
      near.land(flight);
      expect(near.get(record.id, START)).toBeUndefined();
    }
    near.keep(later, record);
    expect(near.get(record.id, START)?.id).toBe(record.id);
  });

  test("over one that was asked for later", () => {
    const { near, clock } = made();
    const record = userRecord();
    const early = near.depart(record.id, START);
    clock.ms = 1;
    const late = near.depart(record.id, START);
    const newer = revised(record);
    near.keep(late, newer);
    near.keep(early, record);
    expect(near.get(record.id, START)?.version).toBe(newer.version);
  });

  test("and what says that the session is gone takes the copy away", () => {
    const { near, put } = made();
    for (const gone of [null, { ended: "revoked", at: START } as const]) {
      const { id } = put();
      near.keep(near.depart(id, START), gone);
      expect(near.get(id, START)).toBeUndefined();
    }
  });
});

describe("the room it takes", () => {
  test("is bounded in bytes: the oldest go, and what is larger than all of it never comes in", () => {
    const { near, put } = made({ maxBytes: 10_000 });
    const records = Array.from({ length: 5 }, () => put(userRecord("ada", { payload: Buffer.alloc(2000) })));
    expect(near.bytes).toBeLessThanOrEqual(10_000);
    const kept = records.map(({ id }) => near.get(id, START) !== undefined);
    expect(kept).toEqual([false, false, true, true, true]);
    const huge = put(userRecord("ada", { payload: Buffer.alloc(10_000) }));
    expect([near.get(huge.id, START), near.sessions]).toEqual([undefined, 3]);
  });

  test("is given back as sessions go, and when others come in what is too old goes", () => {
    const { near, clock, put } = made();
    const first = put(userRecord("ada"));
    const one = near.bytes;
    put(userRecord("bob"));
    near.evict(first.id);
    near.evict(newId());
    expect([near.sessions, near.bytes]).toEqual([1, one]);
    clock.ms = MAX_AGE;
    put(userRecord("eve"));
    expect([near.sessions, near.bytes]).toEqual([1, one]);
    near.evictUser("eve");
    expect([near.sessions, near.bytes]).toEqual([0, 0]);
  });
});
