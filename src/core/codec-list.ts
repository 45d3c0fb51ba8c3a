/** The option `codec`: the first codec writes, all of them read, so that a live store can move from one to another. */
import type { Codec } from "../codecs/contract.ts";
import { InvalidOptionError } from "../errors.ts";

export type Codecs = readonly [Codec, ...Codec[]];

/**
 * `usual` is what writes where nothing is named. A single plain codec goes on reading what `usual` wrote; a sealing one
 * does not, since a row that anybody could have written must not pass for a sealed one unless the list says so.
 */
export function readCodecs(given: unknown, usual: Codec): Codecs {
  if (given === undefined) return [usual];
  if (!Array.isArray(given)) {
    const codec = checkCodec(given, "codec");
    return codec.sealed || codec.id === usual.id ? [codec] : [codec, usual];
  }
  const [first, ...others] = given.map((codec: unknown, at) => checkCodec(codec, `codec[${at}]`));
  if (!first) throw new InvalidOptionError("codec", "is an empty list: name at least the codec that writes");
  const seen = new Map<number, Codec>();
  for (const codec of [first, ...others]) {
    const twin = seen.get(codec.id);
    if (twin) {
      throw new InvalidOptionError(
        "codec",
        `"${twin.name}" and "${codec.name}" have the same id ${codec.id}, so nobody could tell whose a payload is`,
      );
    }
    seen.set(codec.id, codec);
  }
  return [first, ...others];
}

/** Rows that nobody sealed are believed beside sealed ones: right for a move, wrong for ever. */
export function readsUnsealed([first, ...others]: Codecs): readonly string[] {
  return first.sealed ? others.filter((codec) => !codec.sealed).map((codec) => codec.name) : [];
}

function checkCodec(value: unknown, option: string): Codec {
  const problem = problemOf(value);
  if (problem) throw new InvalidOptionError(option, problem);
  return value as Codec;
}

function problemOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null)
    return "must be a codec, such as json from sojourn/codecs/json";
  const { id, name, untrustedSafe, sealed, copy, encode, decode } = value as Partial<Codec>;
  if ([copy, encode, decode].some((method) => typeof method !== "function")) {
    return "must be a codec, with copy, encode and decode";
  }
  if (typeof name !== "string" || name === "") return "must have a name";
  if (typeof id !== "number" || !Number.isInteger(id) || id < 1 || id > 255) {
    return `"${name}" must have an id from 1 to 255`;
  }
  if (untrustedSafe !== true && sealed !== true) {
    return `"${name}" must not read bytes that somebody else may have written: put it inside encrypted(...)`;
  }
  return null;
}
