import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ValueTakenError } from "../errors.ts";
import { type Body, type Change, ChangeSet, MAX_FLASHES } from "./change-set.ts";

const DEFAULTS = { theme: "light" };
const body = (data: Body["data"]): Body => ({ data, flashes: [] });

function recorded(changes: readonly Change[], start: Body): { set: ChangeSet; seen: Body } {
  const set = new ChangeSet(() => DEFAULTS);
  let seen = start;
  for (const change of changes) seen = set.record(change, seen);
  return { set, seen };
}

const key = fc.constantFrom("a", "b", "c", "theme");
const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), key, value: fc.integer() }),
  fc.record({ kind: fc.constant("delete" as const), key }),
  fc.record({
    kind: fc.constant("update" as const),
    key,
    change: fc.integer().map((by) => (value: unknown) => (typeof value === "number" ? value : 0) + by),
  }),
  fc.record({ kind: fc.constant("clear" as const) }),
);
const data = fc.dictionary(key, fc.integer());

describe("the change set", () => {
  it("gives at commit what the request saw when it wrote", () => {
    fc.assert(
      fc.property(data, fc.array(change, { maxLength: 12 }), (start, changes) => {
        const { set, seen } = recorded(changes, body(start));
        expect(set.applyTo(body(start))).toEqual(seen);
      }),
    );
  });

  it("keeps every key it did not write, whatever another request left there", () => {
    fc.assert(
      fc.property(data, fc.array(change, { maxLength: 8 }), fc.integer(), (start, changes, value) => {
        fc.pre(changes.every((each) => each.kind !== "clear"));
        const { set } = recorded(changes, body(start));
        expect(set.applyTo(body({ ...start, theirs: value })).data.theirs).toBe(value);
      }),
    );
  });

  it("applies updates of two requests one after the other, in either order", () => {
    const add = (by: number): Change => ({
      kind: "update",
      key: "n",
      change: (value) => Number(value ?? 0) + by,
    });
    const [one, two] = [recorded([add(1)], body({})), recorded([add(10), add(100)], body({}))];
    expect(two.set.applyTo(one.set.applyTo(body({}))).data.n).toBe(111);
    expect(one.set.applyTo(two.set.applyTo(body({}))).data.n).toBe(111);
  });

  it("leaves the body it is given as it is", () => {
    const start = Object.freeze({ a: 1 });
    recorded([{ kind: "set", key: "a", value: 2 }, { kind: "clear" }], body(start));
    expect(start).toEqual({ a: 1 });
  });

  it("lets a deleted key fall back to its default", () => {
    const { seen } = recorded([{ kind: "delete", key: "theme" }], body({ theme: "dark" }));
    expect(seen.data).toEqual({ theme: "light" });
  });

  it("does not give a value that another request took", () => {
    const { set } = recorded(
      [{ kind: "take", key: "state", seen: { once: [1] } }],
      body({ state: { once: [1] } }),
    );
    expect(set.applyTo(body({ state: { once: [1] } })).data).toEqual({});
    expect(() => set.applyTo(body({}))).toThrow(ValueTakenError);
    expect(() => set.applyTo(body({ state: { once: [2] } }))).toThrow(ValueTakenError);
  });

  it("keeps a take's claim when the key is written or everything cleared afterwards", () => {
    const taken: Change = { kind: "take", key: "state", seen: 1 };
    for (const later of [{ kind: "set", key: "state", value: 2 }, { kind: "clear" }] satisfies Change[]) {
      const { set } = recorded([taken, later], body({ state: 1 }));
      expect(() => set.applyTo(body({}))).toThrow(ValueTakenError);
    }
  });

  it("removes the messages that were read, and only those", () => {
    const set = new ChangeSet(() => ({}));
    const [old, fresh] = [
      { kind: "notice", message: "old", mark: 1 },
      { kind: "notice", message: "old", mark: 2 },
    ];
    set.readFlashes([old], { data: {}, flashes: [old] });
    expect(set.applyTo({ data: {}, flashes: [old, fresh] }).flashes).toEqual([fresh]);
  });

  it("keeps at most 50 unread messages, the newest", () => {
    const set = new ChangeSet(() => ({}));
    let seen = body({});
    for (let mark = 0; mark < 60; mark++) seen = set.addFlash({ kind: "n", message: "m", mark }, seen);
    expect(seen.flashes).toHaveLength(MAX_FLASHES);
    expect(set.applyTo(body({})).flashes.map((flash) => flash.mark)).toEqual(
      seen.flashes.map((flash) => flash.mark),
    );
    expect(seen.flashes[0]?.mark).toBe(10);
  });

  it("keeps the version of a newer application, until everything was cleared", () => {
    const start: Body = { ...body({ a: 1 }), newer: 3 };
    const set = { kind: "set", key: "b", value: 2 } as const;
    for (const [changes, newer] of [
      [[set], 3],
      [[set, { kind: "clear" }, set], undefined],
    ] as const) {
      const { set: changeSet, seen } = recorded(changes, start);
      expect([seen.newer, changeSet.applyTo(start).newer]).toEqual([newer, newer]);
    }
  });

  it("reads nothing that is inherited", () => {
    const { seen } = recorded(
      [{ kind: "update", key: "constructor", change: (value) => value ?? "none" }],
      body({}),
    );
    expect(seen.data.constructor).toBe("none");
  });
});
