// Codecs that keep no limits, or read what they ought to refuse.
import type { Codec } from "../../../../src/codecs/contract.ts";
import { DataTooLargeError, UndecodableError } from "../../../../src/errors.ts";
import { HOSTILE, type Mutant } from "./mutant.ts";

/** Something else instead of an `UndecodableError`, where `isMeant` says so. */
function insteadOfRefusing(
  inner: Codec,
  otherwise: (bytes: Uint8Array, error: UndecodableError) => unknown,
  isMeant: (text: string) => boolean = () => true,
): Pick<Codec, "decode"> {
  return {
    decode(bytes, context) {
      try {
        return inner.decode(bytes, context);
      } catch (error) {
        if (error instanceof UndecodableError && isMeant(Buffer.from(bytes).toString("latin1"))) {
          return otherwise(bytes, error);
        }
        throw error;
      }
    },
  };
}

/** Lenient on some bytes, as a reader is that knows a format well and its attackers badly. */
function takes(name: string, caughtBy: string, isMeant: (text: string) => boolean): Mutant {
  return {
    name,
    caughtBy: [caughtBy],
    break: (inner) => insteadOfRefusing(inner, () => ["partial"], isMeant),
  };
}

const WIDE = { maxBytes: 1 << 20, maxDepth: 500 };

export const readingMutants: readonly Mutant[] = [
  {
    name: "the id is 0",
    caughtBy: ["id and name: a whole number from 1 to 255, taken by no other codec, and a text"],
    break: () => ({ id: 0 }),
  },
  {
    name: "the id is another codec's",
    caughtBy: ["id and name: a whole number from 1 to 255, taken by no other codec, and a text"],
    break: () => ({ id: 2 }),
  },
  {
    name: "every row is to be written anew",
    caughtBy: ["isCurrent: holds of what it has just written"],
    break: () => ({ isCurrent: () => false }),
  },
  {
    name: "more is written than the limit allows",
    caughtBy: ["size: written exactly up to the limit, refused one byte above it"],
    break: (inner) => ({ encode: (value, context) => inner.encode(value, { ...context, limits: WIDE }) }),
  },
  {
    name: "what fills the limit is not written",
    caughtBy: ["size: written exactly up to the limit, refused one byte above it"],
    break: (inner) => ({
      encode(value, context) {
        const bytes = inner.encode(value, context);
        const { maxBytes } = context.limits;
        if (bytes.byteLength === maxBytes) throw new DataTooLargeError(maxBytes, maxBytes);
        return bytes;
      },
    }),
  },
  {
    name: "more is read than the limit allows",
    caughtBy: ["size: read exactly up to the limit, undecodable one byte above it"],
    break: (inner) => ({
      decode: (bytes, context) =>
        inner.decode(bytes, { ...context, limits: { ...context.limits, maxBytes: bytes.byteLength } }),
    }),
  },
  {
    name: "a copy is refused when it would just fit",
    caughtBy: ["size: copy never refuses what fits"],
    break: (inner) => ({
      copy: (value, path, limits, depth) =>
        inner.copy(value, path, { ...limits, maxBytes: limits.maxBytes * 0.9 }, depth),
    }),
  },
  {
    name: "a copy forgets how deep it sits",
    caughtBy: ["depth: what is as deep as the limit is carried, one level deeper is refused, with the path"],
    break: (inner) => ({ copy: (value, path, limits) => inner.copy(value, path, limits) }),
  },
  {
    name: "any depth is read",
    caughtBy: ["depth: bytes one level deeper than the limit are undecodable"],
    break: (inner) => ({
      decode: (bytes, context) =>
        inner.decode(bytes, { ...context, limits: { ...context.limits, maxDepth: 500 } }),
    }),
  },
  {
    name: "what cannot be read is an empty object",
    caughtBy: [
      "truncated: every beginning of its bytes is undecodable",
      "continued: its bytes with one more behind them are undecodable",
      "keys: __proto__ in the bytes is undecodable",
      "attack: those its author knows are undecodable",
    ],
    break: (inner) => insteadOfRefusing(inner, () => ({})),
  },
  {
    name: "what cannot be read is a TypeError",
    caughtBy: [
      "damaged: bytes with any one bit flipped are undecodable or data",
      "damaged: bytes changed at random are undecodable or data",
      "random: any bytes are undecodable or data",
    ],
    break: (inner) =>
      insteadOfRefusing(inner, () => {
        throw new TypeError("Cannot read properties of undefined");
      }),
  },
  {
    name: "what cannot be read is a function",
    caughtBy: ["random: any bytes are undecodable or data"],
    break: (inner) => insteadOfRefusing(inner, () => () => 1),
  },
  {
    name: "what cannot be read is an instance",
    caughtBy: ["damaged: bytes changed at random are undecodable or data"],
    break: (inner) => insteadOfRefusing(inner, () => [new Error("x")]),
  },
  {
    name: "prototypes are reached before the bytes are refused",
    caughtBy: [
      "attack: keys that reach for prototypes, or come twice, are undecodable",
      "keys: __proto__ in the bytes is undecodable",
    ],
    break: (inner) =>
      insteadOfRefusing(
        inner,
        (_, error) => {
          Object.defineProperty(Object.prototype, "polluted", { value: 1, configurable: true });
          throw error;
        },
        (text) => text.includes("__proto__"),
      ),
  },
  {
    name: "after an error nothing is read",
    caughtBy: ["damaged: the next session is read as if nothing had been"],
    break(inner) {
      let isBroken = false;
      return {
        decode(bytes, context) {
          if (isBroken) throw new UndecodableError("it is still broken");
          isBroken = true;
          const value = inner.decode(bytes, context);
          isBroken = false;
          return value;
        },
      };
    },
  },
  {
    name: "the error quotes the data",
    caughtBy: ["damaged: the error quotes nothing of the data"],
    break: (inner) =>
      insteadOfRefusing(inner, (bytes) => {
        throw new UndecodableError(`unexpected end of ${Buffer.from(bytes).toString()}`);
      }),
  },
  {
    name: "the last of two keys wins",
    caughtBy: [
      "keys: the same one twice in an object is undecodable",
      "attack: keys that reach for prototypes, or come twice, are undecodable",
    ],
    break: (inner) =>
      insteadOfRefusing(
        inner,
        (bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown,
        (text) => text.startsWith("[") && !text.includes("__proto__"),
      ),
  },
  takes("deep JSON is cut off", "attack: nesting 10,000 levels deep is undecodable", (text) =>
    text.startsWith("[[[["),
  ),
  {
    name: "a length is believed",
    caughtBy: ["attack: lengths of 2^32-1 and the like from a few bytes are undecodable"],
    break: (inner) =>
      insteadOfRefusing(
        inner,
        () => [Object.assign([], { length: 2 ** 32 - 1 })],
        (text) => text.startsWith("\xdd\xff\xff\xff\xff"),
      ),
  },
  takes("entities are expanded", "attack: entities, external or a billion laughs, are undecodable", (text) =>
    text.startsWith("<!DOCTYPE"),
  ),
  {
    name: "invalid UTF-8 is read as question marks",
    caughtBy: ["attack: text that is not valid UTF-8 is undecodable"],
    break: (inner) =>
      insteadOfRefusing(
        inner,
        (bytes) => JSON.parse(Buffer.from(bytes).toString()) as unknown,
        (text) => text.startsWith('["'),
      ),
  },
  takes(
    "what is long is read to where it makes sense",
    "attack: 60,000 bytes made to be slow to read are undecodable",
    (text) => text.length > 50_000,
  ),
  {
    name: "a number too large is a RangeError",
    caughtBy: ["attack: numbers beyond all bounds are undecodable or data"],
    break: (inner) => ({
      decode(bytes, context) {
        if (Buffer.from(bytes).includes("1e999")) throw new RangeError("Invalid number");
        return inner.decode(bytes, context);
      },
    }),
  },
  {
    name: "an attack its author knows is taken",
    caughtBy: ["attack: those its author knows are undecodable"],
    break: (inner) => ({
      decode: (bytes, context) =>
        Object.values(HOSTILE).includes(bytes) ? [] : inner.decode(bytes, context),
    }),
  },
  {
    name: "the seal is not looked at",
    base: "sealed",
    caughtBy: [
      "sealed: bytes with any one bit flipped are undecodable",
      "sealed: the bytes of one session are undecodable as another's",
    ],
    break: (inner) => ({
      decode: (_, context) => inner.decode(inner.encode(["anything"], context), context),
    }),
  },
  {
    name: "the seal does not cover the session's id",
    base: "sealed",
    caughtBy: ["sealed: the bytes of one session are undecodable as another's"],
    break: (inner) => ({
      encode: (value, context) => inner.encode(value, { ...context, id: "" }),
      decode: (bytes, context) => inner.decode(bytes, { ...context, id: "" }),
    }),
  },
];
