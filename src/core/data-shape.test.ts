import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import type { Codec } from "../codecs/contract.ts";
import { taggedJson } from "../codecs/tagged-json.ts";
import { InvalidOptionError, UndecodableError } from "../errors.ts";
import type { Body } from "./change-set.ts";
import type { Codecs } from "./codec-list.ts";
import { createDataShape, type DataShape, type DataShapeOptions } from "./data-shape.ts";
import { readShape } from "./migration.ts";

const ID = "A".repeat(22);

function shape(options: Partial<DataShapeOptions> = {}): DataShape {
  return createDataShape({
    codecs: [taggedJson],
    schema: undefined,
    initial: undefined,
    version: 1,
    migrate: null,
    maxBytes: 1_000_000,
    ...options,
  });
}

const stored = (version: number, data: Body["data"]): Uint8Array =>
  shape({ version }).encode(ID, { data, flashes: [] });

const text = (payload: Uint8Array): string => Buffer.from(payload.subarray(1)).toString();

function reasonOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof UndecodableError) return error.reason;
    throw error;
  }
  return "read";
}

describe("a payload", () => {
  it("carries a version from 2 on, so that what was stored before there was one is read as 1", () => {
    expect(text(stored(1, { a: 1 }))).toBe('[{"a":1}]');
    expect(text(stored(2, { a: 1 }))).toBe('[{"a":1},[],2]');
    const flashes = [{ kind: "notice", message: "hi", mark: 5 }];
    for (const version of [1, 7]) {
      const payload = shape({ version }).encode(ID, { data: { a: 1 }, flashes });
      expect(shape({ version }).decode(ID, payload)).toEqual({
        body: { data: { a: 1 }, flashes },
        isOutdated: false,
      });
    }
  });

  it.each([
    "[{},[],0]",
    "[{},[],1.5]",
    '[{},[],"2"]',
    "[{},[],null]",
    "[{},[],2,3]",
    "[]",
    "[[]]",
    "[{},{}]",
    "[{},[[1]]]",
    '[{"$":["Map","a",1]}]',
    '[{"$":["Date",5]}]',
    '[{"$":["bytes","AAAA"]}]',
  ])("that reads %s is damaged", (json) => {
    expect(reasonOf(() => shape().decode(ID, Buffer.from(`\u0001${json}`)))).toBe("damaged");
  });
});

it("begins with a plain object, so that no default is lost on the way", () => {
  for (const made of [new Map([["cart", []]]), ["cart"], new Date(5)]) {
    expect(() => shape({ initial: () => made })).toThrow(InvalidOptionError);
  }
});

describe("migrate", () => {
  it("is called with the stored data, frozen, and its version, and never for the current version or a newer one", () => {
    const migrate = vi.fn((old: object) => ({ ...old, b: 2 }));
    const third = shape({ version: 3, migrate });
    for (const version of [1, 2]) {
      expect(third.decode(ID, stored(version, { a: { deep: [1] } }))).toEqual({
        body: { data: { a: { deep: [1] }, b: 2 }, flashes: [] },
        isOutdated: true,
      });
      expect(migrate.mock.lastCall).toEqual([{ a: { deep: [1] } }, version]);
      const [old] = migrate.mock.lastCall as unknown as [{ a: { deep: number[] } }];
      expect([old, old.a, old.a.deep].every(Object.isFrozen)).toBe(true);
    }
    migrate.mockClear();
    for (const version of [3, 4]) third.decode(ID, stored(version, { a: 1 }));
    expect(migrate).not.toHaveBeenCalled();
  });

  it("may give back what it was given, and cannot reach what is stored through a date or a map", () => {
    const payload = stored(1, { at: new Date(5), map: new Map([["k", { v: 1 }]]) });
    const second = shape({
      version: 2,
      migrate: (old) => {
        (old.at as Date).setTime(0);
        return { ...old, at: new Date(7) };
      },
    });
    expect(second.decode(ID, payload).body.data).toEqual({
      at: new Date(7),
      map: new Map([["k", { v: 1 }]]),
    });
    expect(shape().decode(ID, payload).body.data.at).toEqual(new Date(5));
    const same = shape({ version: 2, migrate: (old) => old });
    expect(same.decode(ID, stored(1, { a: [1] })).body.data).toEqual({ a: [1] });
  });

  it("is followed by the schema: its defaults fill in, and what does not fit is not read", () => {
    const schema = z
      .object({ total: z.number(), theme: z.string().default("light") })
      .partial({ total: true });
    const second = shape({ version: 2, schema, migrate: (old) => ({ total: old.sum }) });
    expect(second.decode(ID, stored(1, { sum: 5 })).body.data).toEqual({ total: 5, theme: "light" });
    expect(reasonOf(() => second.decode(ID, stored(1, { sum: "5" })))).toBe("schema");
  });

  it.each<[string, unknown]>([
    ["null", null],
    ["a list", []],
    ["a text", "data"],
    ["nothing", undefined],
    ["a promise", Promise.resolve({})],
    ["a Map, whose entries are no keys", new Map([["a", 1]])],
    ["a Set", new Set([1])],
    ["a Date", new Date(5)],
    ["bytes", new Uint8Array(3)],
    ["a function inside", { a: () => 1 }],
    ["a class instance", new (class Cart {})()],
    ["a key that set() refuses", { [`k${"x".repeat(256)}`]: 1 }],
    ["more than fits", { a: "x".repeat(70_000) }],
  ])("that returns %s is told as such", (_, result) => {
    const broken = shape({ version: 2, migrate: () => result as object });
    expect(reasonOf(() => broken.decode(ID, stored(1, {})))).toBe("migrate");
  });

  it("that fails quotes neither its message nor the data, and a rejected promise of its own ends no process", async () => {
    const secret = "4111 1111";
    const failing = shape({
      version: 2,
      migrate: () => {
        throw new RangeError(secret);
      },
    });
    expect(() => failing.decode(ID, stored(1, { secret }))).toThrow(
      /^(?!.*4111).*migrate threw a RangeError for version 1/,
    );
    const rejecting = shape({ version: 2, migrate: () => Promise.reject(new Error("late")) });
    expect(() => rejecting.decode(ID, stored(1, {}))).toThrow(/Promise/);
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("data of a newer version", () => {
  it("is read if it fits, keeps what is unknown here, and is stored again under its own version", () => {
    const schema = z.object({ a: z.number().default(0) });
    const older = shape({ schema });
    const payload = stored(5, { a: 1, b: 2 });
    const { body, isOutdated } = older.decode(ID, payload);
    expect([body, isOutdated]).toEqual([{ data: { a: 1, b: 2 }, flashes: [], newer: 5 }, false]);
    expect(text(older.encode(ID, { ...body, data: { ...body.data, a: 9 } }))).toBe('[{"a":9,"b":2},[],5]');
    expect(reasonOf(() => older.decode(ID, stored(5, { a: "one" })))).toBe("schema");
  });
});

describe("a schema", () => {
  it("that throws on stored data did not fit it", () => {
    const schema = z.object({ a: z.number().optional() }).refine(({ a }) => {
      if (a === 1) throw new Error("unforeseen");
      return true;
    });
    expect(reasonOf(() => shape({ schema }).decode(ID, stored(1, { a: 1 })))).toBe("schema");
  });
});

describe("a list of codecs", () => {
  const plain = (id: number, more: Partial<Codec> = {}): Codec => ({
    ...taggedJson,
    id,
    name: `codec-${id}`,
    ...more,
  });
  const decodeBy = (codecs: Codecs, payload: Uint8Array) => shape({ codecs }).decode(ID, payload);

  it("writes with the first and reads with each, and what another wrote is outdated", () => {
    const [first, second] = [plain(40), plain(41)];
    const payload = shape({ codecs: [first] }).encode(ID, { data: { a: 1 }, flashes: [] });
    expect([payload[0], decodeBy([first, second], payload).isOutdated]).toEqual([40, false]);
    expect(decodeBy([second, first], payload)).toMatchObject({ body: { data: { a: 1 } }, isOutdated: true });
    expect(reasonOf(() => decodeBy([second], payload))).toBe("codec");
  });

  it.each([new SyntaxError("not mine"), new UndecodableError("not mine")])(
    "asks the codec that wrote a payload and no other, whatever it throws (%s)",
    (failure) => {
      const decode = vi.fn(() => {
        throw failure;
      });
      const other = vi.fn(taggedJson.decode);
      const payload = Uint8Array.from(stored(1, {}));
      payload[0] = 40;
      const codecs = [plain(41, { decode: other }), plain(40, { decode })] as const;
      expect(reasonOf(() => decodeBy(codecs, payload))).toBe("damaged");
      expect([decode.mock.calls.length, other.mock.calls.length]).toEqual([1, 0]);
    },
  );

  it("does not read what its first codec cannot carry, unless migrate makes it so", () => {
    const textsOnly = plain(40, {
      copy(value, path, limits, depth) {
        if (JSON.stringify(value).includes("1970")) throw new Error("no dates");
        return taggedJson.copy(value, path, limits, depth);
      },
    });
    const payload = stored(1, { at: new Date(0) });
    expect(reasonOf(() => decodeBy([textsOnly, taggedJson], payload))).toBe("codec");
    const migrate = (): object => ({ at: "long ago" });
    expect(
      shape({ codecs: [textsOnly, taggedJson], version: 2, migrate }).decode(ID, payload).body.data,
    ).toEqual({
      at: "long ago",
    });
  });

  it("lets data be larger by what a codec says it adds", () => {
    const padded = plain(40, {
      overhead: 100,
      copy: () => ({}),
      encode: (value, { id, limits }) => {
        const bytes = taggedJson.encode(value, {
          id,
          limits: { ...limits, maxBytes: limits.maxBytes - 100 },
        });
        return Buffer.concat([bytes, Buffer.alloc(100)]);
      },
    });
    const sized = (length: number): Body => ({ data: { a: "x".repeat(length) }, flashes: [] });
    const room = 64 * 1024 - '[{"a":""}]'.length;
    expect(shape({ codecs: [padded] }).encode(ID, sized(room)).byteLength).toBe(64 * 1024 + 101);
    expect(() => shape({ codecs: [padded] }).encode(ID, sized(room + 1))).toThrow(/65536/);
    expect(() => shape({ codecs: [padded], maxBytes: 1000 }).encode(ID, sized(900))).toThrow(/899 bytes/);
  });
});

describe("the options version and migrate", () => {
  it.each<[string, object, RegExp]>([
    ["version 0", { version: 0 }, /^Option version/],
    ["a fraction", { version: 1.5 }, /^Option version/],
    ["a text", { version: "2" }, /^Option version/],
    ["infinity", { version: Number.POSITIVE_INFINITY }, /^Option version/],
    ["no function", { version: 2, migrate: {} }, /^Option migrate: must be a function/],
    ["an async function", { version: 2, migrate: async () => ({}) }, /^Option migrate: must be synchronous/],
    ["a generator", { version: 2, *migrate() {} }, /^Option migrate: must be synchronous/],
    ["migrate without version", { migrate: () => ({}) }, /^Option migrate: would never be called/],
  ])("are refused with %s", (_, options, message) => {
    expect(() => readShape(options)).toThrow(InvalidOptionError);
    expect(() => readShape(options)).toThrow(message);
  });

  it("are 1 and none where nothing is said", () => {
    expect(readShape({})).toEqual({ version: 1, migrate: null });
  });
});
