// Codecs that lose or change values, share them, or take what they cannot carry.
import type { Codec } from "../../../../src/codecs/contract.ts";
import { UnsupportedValueError } from "../../../../src/errors.ts";
import { changed, copiedAs, type Mutant, readAs } from "./mutant.ts";

const RANDOM = "round trip: random values come back as they were, to the last bit";

function loses(name: string, label: string, change: (value: unknown) => unknown): Mutant {
  return {
    name,
    caughtBy: [`${label}: come back as they were`, RANDOM],
    break: (inner) => readAs(inner, change),
  };
}

/** A codec that changes a value it ought to refuse into one it carries. */
function takes(name: string, label: string, change: (value: unknown) => unknown): Mutant {
  return {
    name,
    base: "plain JSON",
    caughtBy: [`${label}: are refused, with the path`],
    break: (inner) => ({
      copy: (value, path, limits, depth) => inner.copy(changed(value, change), path, limits, depth),
    }),
  };
}

function shallow(inner: Codec, isSpared: (value: object) => boolean): Pick<Codec, "copy"> {
  return {
    copy: (value, path, limits, depth) =>
      typeof value === "object" && value !== null && isSpared(value)
        ? value
        : inner.copy(value, path, limits, depth),
  };
}

export const valueMutants: readonly Mutant[] = [
  loses("undefined is null", "undefined", (value) => (value === undefined ? null : value)),
  loses("what is no number is null", "NaN and the infinities", (value) =>
    typeof value === "number" && !Number.isFinite(value) ? null : value,
  ),
  loses("minus zero is zero", "minus zero", (value) => (value === 0 ? 0 : value)),
  loses("bigints of 64 bits", "bigints", (value) =>
    typeof value === "bigint" ? BigInt.asIntN(64, value) : value,
  ),
  loses("dates are kept in seconds", "Dates", (value) =>
    value instanceof Date ? new Date(Math.trunc(value.getTime() / 1000) * 1000) : value,
  ),
  loses("URLs come back as text", "URLs", (value) => (value instanceof URL ? value.href : value)),
  loses("bytes come back as a list", "bytes", (value) => (value instanceof Uint8Array ? [...value] : value)),
  loses("Maps come back as objects", "Maps", (value) =>
    value instanceof Map ? Object.fromEntries(value) : value,
  ),
  loses("Sets come back as lists", "Sets", (value) => (value instanceof Set ? [...value] : value)),
  loses("lone surrogates become question marks", "lone surrogates", (value) =>
    typeof value === "string" ? value.toWellFormed() : value,
  ),
  takes("undefined is taken for null", "undefined", (value) => (value === undefined ? null : value)),
  takes("NaN is taken for null", "NaN and the infinities", (value) =>
    typeof value === "number" && !Number.isFinite(value) ? null : value,
  ),
  takes("minus zero is taken for zero", "minus zero", (value) => (value === 0 ? 0 : value)),
  takes("bigints are taken for numbers", "bigints", (value) =>
    typeof value === "bigint" ? Number(value) : value,
  ),
  takes("Dates are taken for text", "Dates", (value) => (value instanceof Date ? value.toJSON() : value)),
  takes("URLs are taken for text", "URLs", (value) => (value instanceof URL ? value.href : value)),
  takes("bytes are taken for lists", "bytes", (value) => (value instanceof Uint8Array ? [...value] : value)),
  takes("Maps are taken for objects", "Maps", (value) => (value instanceof Map ? {} : value)),
  takes("Sets are taken for objects", "Sets", (value) => (value instanceof Set ? {} : value)),
  takes("lone surrogates are replaced", "lone surrogates", (value) =>
    typeof value === "string" ? value.toWellFormed() : value,
  ),
  {
    name: "text is trimmed",
    caughtBy: ["round trip: what JSON has comes back as it was", RANDOM],
    break: (inner) => readAs(inner, (value) => (typeof value === "string" ? value.trim() : value)),
  },
  {
    name: "numbers are kept in 32 bits",
    caughtBy: ["round trip: what JSON has comes back as it was"],
    break: (inner) => readAs(inner, (value) => (typeof value === "number" ? Math.fround(value) : value)),
  },
  {
    name: "objects are read without a prototype",
    caughtBy: ["round trip: keys that mean something elsewhere are plain data"],
    break: (inner) =>
      readAs(inner, (value) =>
        Object.getPrototypeOf(value ?? 0) === Object.prototype
          ? Object.assign(Object.create(null), value)
          : value,
      ),
  },
  {
    name: "a key with a line feed is taken for a backslash",
    caughtBy: ["round trip: keys are not taken for others that begin alike when written with escapes"],
    break: (inner) =>
      readAs(inner, (value) =>
        Object.getPrototypeOf(value ?? 0) === Object.prototype
          ? Object.fromEntries(
              Object.entries(value ?? {}).map(([key, each]) => [key === "\n" ? "\\" : key, each]),
            )
          : value,
      ),
  },
  {
    name: "what was read is written as nothing",
    caughtBy: ["round trip: what was read can be written and read again"],
    break(inner) {
      const read = new WeakSet<object>();
      return {
        decode(bytes, context) {
          const value = inner.decode(bytes, context);
          if (typeof value === "object" && value !== null) read.add(value);
          return value;
        },
        encode: (value, context) =>
          inner.encode(typeof value === "object" && value !== null && read.has(value) ? [] : value, context),
      };
    },
  },
  {
    name: "a copy holds other values than what is stored",
    caughtBy: ["copy: is what encoding and decoding would give"],
    break: (inner) =>
      copiedAs(inner, (value) => (typeof value === "string" ? value.normalize("NFD") : value)),
  },
  {
    name: "an object without prototype is copied without one",
    caughtBy: ["copy: an object without prototype becomes a plain one"],
    break: (inner) => ({
      copy(value, path, limits, depth) {
        const copied = inner.copy(value, path, limits, depth) as object;
        return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null
          ? Object.assign(Object.create(null), copied)
          : copied;
      },
    }),
  },
  {
    name: "a copy is the value itself",
    caughtBy: ["copy: shares nothing with its source", "refusal: what contains itself, with the path"],
    break: () => ({ copy: (value) => value }),
  },
  {
    name: "encoding sorts lists where they are",
    caughtBy: ["copy, encode: leave the value as it was"],
    break: (inner) => ({
      encode(value, context) {
        const bytes = inner.encode(value, context);
        changed(value, (innermost) => innermost);
        if (Array.isArray(value) && Array.isArray(value[0])) value[0].reverse();
        return bytes;
      },
    }),
  },
  {
    name: "all bytes are written into one buffer",
    caughtBy: ["encode: its bytes are the caller's, whatever is encoded next"],
    break(inner) {
      const shared = new Uint8Array(1 << 17);
      return {
        encode(value, context) {
          const bytes = inner.encode(value, context);
          shared.set(bytes);
          return shared.subarray(0, bytes.byteLength);
        },
      };
    },
  },
  {
    name: "the buffer around the bytes is read",
    caughtBy: ["decode: reads bytes inside a larger buffer, and Buffers"],
    break: (inner) => ({ decode: (bytes, context) => inner.decode(new Uint8Array(bytes.buffer), context) }),
  },
  {
    name: "what was read is kept and given again",
    caughtBy: ["decode: the value outlives its bytes, and the bytes stay as they are"],
    break(inner) {
      const known = new Map<string, unknown>();
      return {
        decode(bytes, context) {
          const key = Buffer.from(bytes).toString("latin1");
          if (!known.has(key)) known.set(key, inner.decode(bytes, context));
          return known.get(key);
        },
      };
    },
  },
  {
    name: "the bytes are wiped when they were read",
    caughtBy: ["decode: the value outlives its bytes, and the bytes stay as they are"],
    break: (inner) => ({
      decode(bytes, context) {
        const value = inner.decode(bytes, context);
        bytes.fill(0);
        return value;
      },
    }),
  },
  {
    name: "functions and the like are left out",
    caughtBy: ["refusal: functions, symbols, class instances, promises and the like, with the path"],
    break: (inner) => ({
      copy(value, path, limits, depth) {
        try {
          return inner.copy(value, path, limits, depth);
        } catch (error) {
          if (/function|symbol|instance|foreign/.test(String(error))) return null;
          throw error;
        }
      },
    }),
  },
  {
    name: "a refusal does not say where",
    caughtBy: [
      "refusal: functions, symbols, class instances, promises and the like, with the path",
      "refusal: a key named __proto__, with the path",
      "refusal: what contains itself, with the path",
    ],
    break: (inner) => ({
      copy(value, path, limits, depth) {
        try {
          return inner.copy(value, path, limits, depth);
        } catch (error) {
          throw error instanceof UnsupportedValueError ? new UnsupportedValueError(path, "no data") : error;
        }
      },
    }),
  },
  {
    name: "a key named __proto__ is dropped",
    caughtBy: ["refusal: a key named __proto__, with the path"],
    break: (inner) => shallow(inner, (value) => Object.hasOwn(value, "__proto__")),
  },
  {
    name: "what contains itself ends in a RangeError",
    caughtBy: ["refusal: what contains itself, with the path"],
    break: (inner) => ({
      copy(value, path, limits, depth) {
        try {
          return inner.copy(value, path, limits, depth);
        } catch (error) {
          throw /contains itself/.test(String(error)) ? new RangeError("Maximum call stack") : error;
        }
      },
    }),
  },
  {
    name: "a web of references is not copied",
    caughtBy: ["refusal: a web of shared references, which would be endless when written out"],
    break: (inner) => shallow(inner, (value) => Array.isArray(value) && value[0] === value[1]),
  },
];
