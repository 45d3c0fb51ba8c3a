import fc from "fast-check";
import { expect, test } from "vitest";
import { type About, packAbout, readAbout, UNKNOWN } from "./about.ts";

const text = fc.string({ maxLength: 8, unit: "binary" });
const about: fc.Arbitrary<About> = fc.record({
  methods: fc.array(text, { maxLength: 8 }),
  level: fc.constantFrom(0, 1, 2, 3),
  actor: fc.option(fc.record({ userId: text, sessionId: text })),
  device: fc.option(fc.record({ browser: fc.option(text), system: fc.option(text), form: fc.option(text) })),
  address: fc.option(text),
  purpose: fc.option(text),
  manager: fc.option(text),
});

test("what is said of a session is read back as it was", () => {
  fc.assert(
    fc.property(about, (said) => {
      expect(readAbout(packAbout(said))).toEqual(said);
    }),
  );
});

test("nothing to say costs nothing", () => {
  expect(packAbout({})).toBeNull();
  expect(packAbout(UNKNOWN)).toBeNull();
  expect(readAbout(null)).toEqual(UNKNOWN);
});

test("a text of any kind can be read, and one that nobody here wrote never opens as a session", () => {
  fc.assert(fc.property(fc.string(), (anything) => void readAbout(anything)));
  fc.assert(fc.property(fc.json(), (anything) => void readAbout(anything)));
  for (const damaged of ["", "{", "[]", "null", '"text"', "17"]) {
    expect(readAbout(damaged), damaged).toEqual({ ...UNKNOWN, purpose: "damaged" });
  }
});

test("parts of the wrong kind say nothing", () => {
  const wrong = JSON.stringify({
    methods: "pwd",
    level: 9,
    actor: ["ada"],
    device: "x",
    address: 1,
    purpose: {},
  });
  expect(readAbout(wrong)).toEqual(UNKNOWN);
});

test("a key of another version is passed by", () => {
  expect(readAbout('{"level":2,"colour":"blue"}')).toEqual({ ...UNKNOWN, level: 2 });
});

test("more than a store keeps is refused", () => {
  expect(() => packAbout({ address: "x".repeat(2100) })).toThrow(RangeError);
});
